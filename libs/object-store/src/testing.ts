export { memoryObjectStore } from './testing/memory-store.ts'
