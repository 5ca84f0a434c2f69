import { memoryObjectStore } from './memory-store.ts'
import { objectStoreConformance } from './conformance.ts'

objectStoreConformance('a memory store', async () => memoryObjectStore())
