import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { getMimeType } from 'hono/utils/mime'
import { z } from 'zod'
import type { Encoding } from '../http/encodings.ts'
import { PAGE_BYTES_MAX } from '../limits.ts'

const INDEX = 'index.html'
const MANIFEST = 'manifest.json'
/** What a build compresses files to, by what it adds to their names. */
const CODINGS: readonly (readonly [suffix: string, encoding: Encoding])[] = [
  ['.zst', 'zstd'],
  ['.br', 'br'],
  ['.gz', 'gzip'],
]

const assetSchema = z.string().regex(/^assets\/[^/]+$/)
/** @see https://vite.dev/guide/backend-integration */
const manifestSchema = z.record(
  z.string(),
  z.object({
    file: assetSchema,
    css: z.array(assetSchema).default([]),
    assets: z.array(assetSchema).default([]),
  }),
)

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
 * Reads what the last `vite build` made: what its manifest names. Files of earlier builds may lie beside them, as a kept
 * build is put back without clearing the folder.
 *
 * @returns `undefined` where it made nothing yet.
 * @throws when a file cannot be read, is missing, or when all are too much to be a page.
 */
export async function readPage(dir: string): Promise<Page | undefined> {
  const manifest = await readIfThere(join(dir, MANIFEST))
  if (manifest === undefined) return undefined
  const index = await readPageFile(join(dir, INDEX))
  const assets = new Map<string, PageFile>()
  let sizeBytes = bytesOf(index)
  for (const asset of assetsOf(manifest)) {
    const file = await readPageFile(join(dir, asset))
    sizeBytes += bytesOf(file)
    if (sizeBytes > PAGE_BYTES_MAX) {
      throw new Error(`the web page in ${dir} has more than ${PAGE_BYTES_MAX} bytes`)
    }
    assets.set(basename(asset), file)
  }
  return { index, assets }
}

function assetsOf(manifest: Bytes): ReadonlySet<string> {
  const chunks = Object.values(manifestSchema.parse(JSON.parse(Buffer.from(manifest).toString())))
  return new Set(chunks.flatMap(({ file, css, assets }) => [file].concat(css, assets)))
}

async function readPageFile(path: string): Promise<PageFile> {
  const plain = new Uint8Array(await readFile(path))
  const encoded = new Map<Encoding, Bytes>()
  for (const [suffix, encoding] of CODINGS) {
    const content = await readIfThere(path + suffix)
    if (content !== undefined) encoded.set(encoding, content)
  }
  return { type: getMimeType(path) ?? 'application/octet-stream', plain, encoded }
}

async function readIfThere(path: string): Promise<Bytes | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function bytesOf({ plain, encoded }: PageFile): number {
  return [plain, ...encoded.values()].reduce((sum, { length }) => sum + length, 0)
}
