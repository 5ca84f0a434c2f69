export { memoryObjectStore } from './testing/memory-store.ts'
export { startRadosgw, type Radosgw, type RadosgwSettings } from './testing/radosgw.ts'
