export { memoryTracing } from './testing/memory-tracing.ts'
export type { KeptSpan, MemoryTracing } from './testing/memory-tracing.ts'
