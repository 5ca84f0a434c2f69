import type { Dirent } from 'node:fs'
import { open, readdir, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pLimit, { type LimitFunction } from 'p-limit'
import { assertBody } from './body.ts'
import { withSignal } from './calls.ts'
import { ObjectStoreError } from './errors.ts'
import { errorCode, folderError } from './folder-errors.ts'
import { DurableFolder, readExactly, syncFolder } from './folder-files.ts'
import { assertKey, assertPrefix, assertRange, compareKeys, isKey } from './keys.ts'
import type { FolderSettings } from './settings.ts'
import type { ByteRange, CallOptions, ObjectBody, ObjectInfo, ObjectStore } from './types.ts'

const SWEEP_INTERVAL_MS = 3_600_000
/** Files whose size is asked for at once. */
const LIST_PAGE = 100
const DELETE_BATCH = 1_000

/** Opens a folder as a store: makes it when it is missing and removes what dead writers left. */
export async function openFolderStore(settings: FolderSettings): Promise<ObjectStore> {
  const folder = new DurableFolder(settings.path)
  try {
    await folder.prepare()
  } catch (error) {
    throw folderError(settings.path, error)
  }
  return new FolderStore(settings, folder)
}

/** Keys are paths below the folder; any number of processes may use one folder. */
class FolderStore implements ObjectStore {
  readonly #root: string
  readonly #folder: DurableFolder
  readonly #limit: LimitFunction
  #sweptAtMs = Date.now()

  constructor({ path, concurrency }: FolderSettings, folder: DurableFolder) {
    this.#root = path
    this.#folder = folder
    this.#limit = pLimit(concurrency)
  }

  async put(key: string, body: ObjectBody, options: CallOptions = {}): Promise<void> {
    assertKey(key)
    await assertBody(body)
    await this.#run(key, options.signal, async () => {
      await this.#sweepWhenDue()
      await this.#folder.write(this.#path(key), body, options.signal)
    })
  }

  async get(
    key: string,
    options: CallOptions & { readonly range?: ByteRange } = {},
  ): Promise<Uint8Array | undefined> {
    assertKey(key)
    const range = options.range ?? { start: 0, end: Number.MAX_SAFE_INTEGER }
    assertRange(range)
    return await this.#run(key, options.signal, async () => {
      await using file = await open(this.#path(key)).catch(absent)
      const found = await file?.stat()
      if (file === undefined || found?.isFile() !== true) return undefined
      const end = Math.min(range.end, found.size)
      const bytes = await readExactly(file, { start: Math.min(range.start, end), end })
      if (bytes.byteLength === end - Math.min(range.start, end)) return bytes
      throw new ObjectStoreError('corrupt', key, { reason: 'the file became shorter' })
    })
  }

  async size(key: string, options: CallOptions = {}): Promise<number | undefined> {
    assertKey(key)
    return await this.#run(key, options.signal, async () => {
      const found = await stat(this.#path(key)).catch(absent)
      return found?.isFile() === true ? found.size : undefined
    })
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    assertPrefix(prefix)
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    try {
      yield* this.#walk(folder, prefix, options.signal)
    } catch (error) {
      throw options.signal?.aborted === true ? error : folderError(prefix, error)
    }
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    await this.deleteMany([key], options)
  }

  async deleteMany(keys: readonly string[], options: CallOptions = {}): Promise<void> {
    for (const key of keys) assertKey(key)
    for (let start = 0; start < keys.length; start += DELETE_BATCH) {
      await this.#deleteBatch(keys.slice(start, start + DELETE_BATCH), options.signal)
    }
  }

  async close(): Promise<void> {
    // Files are closed by each call.
  }

  async #deleteBatch(keys: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const each = async (key: string, work: (path: string) => Promise<void>): Promise<void> => {
      await this.#run(key, signal, async () => await work(this.#path(key)).catch(absent))
    }
    await Promise.all(keys.map(async (key) => await each(key, unlink)))
    const inFolders = new Map(keys.map((key) => [dirname(key), key]))
    await Promise.all([...inFolders.values()].map(async (key) => await each(key, syncFolderOf)))
  }

  /** Entries of one folder in key order: a folder sorts as its name with the slash its keys have. */
  async *#walk(
    folder: string,
    prefix: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ObjectInfo> {
    signal?.throwIfAborted()
    const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch(absent)
    const keys = (entries ?? [])
      .filter((entry) => (entry.isDirectory() || entry.isFile()) && isKey(folder + entry.name))
      .map((entry) => entryKey(folder, entry))
      .filter((key) => key.startsWith(prefix))
      .toSorted(compareKeys)
    for (let start = 0; start < keys.length; start += LIST_PAGE) {
      for (const found of await Promise.all(keys.slice(start, start + LIST_PAGE).map(this.#info))) {
        signal?.throwIfAborted()
        if (typeof found === 'string') yield* this.#walk(found, prefix, signal)
        else if (found !== undefined) yield found
      }
    }
  }

  readonly #info = async (key: string): Promise<ObjectInfo | string | undefined> => {
    if (key.endsWith('/')) return key
    const found = await stat(this.#path(key)).catch(absent)
    if (found === undefined) return undefined
    return { key, sizeBytes: found.size, modifiedAtMs: Math.trunc(found.mtimeMs) }
  }

  #path(key: string): string {
    return join(this.#root, key)
  }

  async #sweepWhenDue(): Promise<void> {
    if (Date.now() - this.#sweptAtMs < SWEEP_INTERVAL_MS) return
    this.#sweptAtMs = Date.now()
    await this.#folder.sweep()
  }

  async #run<T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await withSignal(signal, async () => {
        return await this.#limit(async () => {
          signal?.throwIfAborted()
          return await work()
        })
      })
    } catch (error) {
      throw signal?.aborted === true ? error : folderError(key, error)
    }
  }
}

function entryKey(folder: string, entry: Dirent): string {
  return folder + entry.name + (entry.isDirectory() ? '/' : '')
}

/** No such file: it is missing, a part of its path is a file, or it is a folder. */
function absent(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')) return undefined
  throw error
}

async function syncFolderOf(path: string): Promise<void> {
  await syncFolder(dirname(path))
}
