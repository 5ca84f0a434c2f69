import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getMimeType } from 'hono/utils/mime'
import type { Encoding } from '../http/encodings.ts'
import { PAGE_BYTES_MAX } from '../limits.ts'

const INDEX = 'index.html'
/** What a build compresses files to, by what it adds to their names. */
const CODINGS: readonly (readonly [suffix: string, encoding: Encoding])[] = [
  ['.zst', 'zstd'],
  ['.br', 'br'],
  ['.gz', 'gzip'],
]

type Bytes = Uint8Array<ArrayBuffer>

/** A file of the page, as it is and as the build has compressed it. */
export interface PageFile {
  readonly type: string
  readonly plain: Bytes
  readonly encoded: ReadonlyMap<Encoding, Bytes>
}

/** The web page, in memory: whatever is asked for, no path is looked up on a disk. */
export interface Page {
  readonly index: PageFile
  /** By name; a name has a hash of the content, so it never stands for another one. */
  readonly assets: ReadonlyMap<string, PageFile>
}

/**
 * Reads what `vite build` made.
 *
 * @returns `undefined` where it made nothing yet.
 * @throws when a file cannot be read, or when it is too much to be a page.
 */
export async function readPage(dir: string): Promise<Page | undefined> {
  const names = (await namesIn(dir)).filter((name) => name.startsWith(INDEX))
  const index = filesOf(await contentsOf(dir, names)).get(INDEX)
  if (index === undefined) return undefined
  const assetsDir = join(dir, 'assets')
  return { index, assets: filesOf(await contentsOf(assetsDir, await namesIn(assetsDir))) }
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

async function contentsOf(dir: string, names: readonly string[]): Promise<Map<string, Bytes>> {
  const contents = new Map<string, Bytes>()
  let sizeBytes = 0
  for (const name of names) {
    const content = new Uint8Array(await readFile(join(dir, name)))
    sizeBytes += content.length
    if (sizeBytes > PAGE_BYTES_MAX) {
      throw new Error(`the web page in ${dir} has more than ${PAGE_BYTES_MAX} bytes`)
    }
    contents.set(name, content)
  }
  return contents
}

function filesOf(contents: ReadonlyMap<string, Bytes>): Map<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const [name, plain] of contents) {
    if (CODINGS.some(([suffix]) => name.endsWith(suffix))) continue
    const encoded = CODINGS.flatMap(([suffix, encoding]) => {
      const content = contents.get(name + suffix)
      return content === undefined ? [] : [[encoding, content] as const]
    })
    const type = getMimeType(name) ?? 'application/octet-stream'
    files.set(name, { type, plain, encoded: new Map(encoded) })
  }
  return files
}
