import { bodyBytes } from '../body.ts'
import { assertKey, assertPrefix, assertRange, compareKeys } from '../keys.ts'
import type { ByteRange, CallOptions, ObjectBody, ObjectInfo, ObjectStore } from '../types.ts'

interface MemoryObject {
  readonly bytes: Uint8Array
  readonly modifiedAtMs: number
}

/** Makes an empty store that forgets everything; for tests. Answers are copies. */
export function memoryObjectStore(): ObjectStore {
  return new MemoryObjectStore()
}

class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, MemoryObject>()

  async put(key: string, body: ObjectBody, options: CallOptions = {}): Promise<void> {
    assertKey(key)
    const bytes = await bodyBytes(body)
    options.signal?.throwIfAborted()
    this.#objects.set(key, { bytes, modifiedAtMs: Date.now() })
  }

  async get(
    key: string,
    options: CallOptions & { readonly range?: ByteRange } = {},
  ): Promise<Uint8Array | undefined> {
    assertKey(key)
    const { start, end } = options.range ?? { start: 0, end: Number.MAX_SAFE_INTEGER }
    assertRange({ start, end })
    options.signal?.throwIfAborted()
    return this.#objects.get(key)?.bytes.slice(start, end)
  }

  async size(key: string, options: CallOptions = {}): Promise<number | undefined> {
    assertKey(key)
    options.signal?.throwIfAborted()
    return this.#objects.get(key)?.bytes.byteLength
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    assertPrefix(prefix)
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix))
    for (const key of keys.toSorted(compareKeys)) {
      options.signal?.throwIfAborted()
      const object = this.#objects.get(key)
      if (object === undefined) continue
      yield { key, sizeBytes: object.bytes.byteLength, modifiedAtMs: object.modifiedAtMs }
    }
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    await this.deleteMany([key], options)
  }

  async deleteMany(keys: readonly string[], options: CallOptions = {}): Promise<void> {
    for (const key of keys) assertKey(key)
    options.signal?.throwIfAborted()
    for (const key of keys) this.#objects.delete(key)
  }

  async close(): Promise<void> {
    // Holds nothing but memory.
  }
}
