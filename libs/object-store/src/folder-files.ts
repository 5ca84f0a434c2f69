import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bodySize, openBody } from './body.ts'
import { errorCode } from './folder-errors.ts'
import type { ObjectBody } from './types.ts'

/** Where unfinished files lie. No key begins with a dot, so it is in no listing and no key reaches it. */
const TEMPORARY_FOLDER = '.tmp'
/** A put that takes longer than this may be swept, and then fails. */
const TEMPORARY_AGE_MS_MAX = 3_600_000
/** Folders remembered as durable; beyond it they are simply synced again. */
const DURABLE_FOLDERS_MAX = 10_000

/** Writes files that are there whole and for good, or not at all. */
export class DurableFolder {
  readonly #root: string
  readonly #temporary: string
  readonly #durable = new Set<string>()

  constructor(root: string) {
    this.#root = root
    this.#temporary = join(root, TEMPORARY_FOLDER)
  }

  /** Makes the folder when only its last part is missing, and removes what dead writers left. */
  async prepare(): Promise<void> {
    await mkdir(this.#root).catch(ignore('EEXIST'))
    await mkdir(this.#temporary).catch(ignore('EEXIST'))
    await syncFolder(dirname(this.#root))
    await this.sweep()
  }

  /** Removes unfinished files older than an hour. */
  async sweep(): Promise<void> {
    const oldestMs = Date.now() - TEMPORARY_AGE_MS_MAX
    for (const name of await readdir(this.#temporary)) {
      const path = join(this.#temporary, name)
      const found = await stat(path).catch(ignore('ENOENT'))
      if (found !== undefined && found.mtimeMs < oldestMs) await rm(path, { force: true })
    }
  }

  /** Writes a file; when it fails or is aborted before the rename, nothing has changed. */
  async write(path: string, body: ObjectBody, signal: AbortSignal | undefined): Promise<void> {
    const temporary = join(this.#temporary, randomUUID())
    try {
      await writeSynced(temporary, body, signal)
      await this.#makeFolder(dirname(path))
      signal?.throwIfAborted()
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await syncFolder(dirname(path))
  }

  /** Makes a folder below the root and waits until its whole path is on disk, whoever made it. */
  async #makeFolder(path: string): Promise<void> {
    if (path === this.#root || this.#durable.has(path)) return
    await this.#makeFolder(dirname(path))
    await mkdir(path).catch(ignore('EEXIST'))
    await syncFolder(dirname(path))
    if (this.#durable.size >= DURABLE_FOLDERS_MAX) this.#durable.clear()
    this.#durable.add(path)
  }
}

/** Waits until a folder's entries are on disk. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}

/** Reads exactly `[start, end)`, fewer bytes when the file ends before. */
export async function readExactly(
  file: FileHandle,
  { start, end }: { start: number; end: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start)
  let length = 0
  while (length < bytes.byteLength) {
    const { bytesRead } = await file.read(bytes, length, bytes.byteLength - length, start + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}

/** Swallows one system error, as in "it is there already". */
function ignore(code: string): (error: unknown) => undefined {
  return (error) => {
    if (errorCode(error) !== code) throw error
    return undefined
  }
}

async function writeSynced(
  path: string,
  body: ObjectBody,
  signal: AbortSignal | undefined,
): Promise<void> {
  await using file = await open(path, 'wx')
  if (body instanceof Uint8Array) await file.writeFile(body, { signal })
  else await file.writeFile(openBody(body), { signal })
  const written = await file.stat()
  if (written.size !== bodySize(body)) throw new Error('the file of an object body has changed')
  await file.sync()
}
