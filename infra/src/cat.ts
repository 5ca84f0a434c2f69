import { once } from 'node:events'
import { statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { readSegment, type LogRecord, type SegmentSource } from '@poglog/log-format'
import { openObjectStore, type ObjectStore } from '@poglog/object-store'
import { parseEnv, storeSettings } from '@poglog/service-kit'
import { z } from 'zod'
import { DataFolder } from './data-folder.ts'
import { Problem } from './problem.ts'

export interface CatOptions {
  readonly format: string
  readonly channel?: string | undefined
  readonly data: string
}

const FORMATS = {
  raw: ({ raw }: LogRecord) => raw,
  ndjson: (record: LogRecord) => JSON.stringify(record),
} as const

/**
 * `poglog cat`: prints the records of segments in the order they lie in.
 *
 * @throws {Problem} when a segment is not there; what was printed before stands.
 * @throws {SegmentError} when one is damaged; no record of the damaged part was printed.
 */
export async function cat(
  segments: readonly string[],
  options: CatOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { format } = options
  if (format !== 'raw' && format !== 'ndjson') {
    throw new Problem(`--format: "${format}" is neither raw nor ndjson`)
  }
  // "poglog cat SEGMENT | head" closes the pipe; that is an end, not a failure.
  process.stdout.once('error', () => process.exit(0))
  for (const segment of segments) {
    await using found = await find(segment, options.data, env)
    await print(found.source, { channelId: options.channel, toText: FORMATS[format] })
  }
}

async function print(
  source: SegmentSource,
  options: { channelId: string | undefined; toText: (record: LogRecord) => string },
): Promise<void> {
  const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, order: 'asc' } as const
  for await (const batch of readSegment(source, { ...all, channelId: options.channelId })) {
    const text = batch.map((record) => `${options.toText(record)}\n`).join('')
    if (!process.stdout.write(text)) await once(process.stdout, 'drain')
  }
}

/** A segment file as it lies on the disk, or the object of that key in the store. */
async function find(
  segment: string,
  data: string,
  env: NodeJS.ProcessEnv,
): Promise<{ source: SegmentSource } & AsyncDisposable> {
  const isFile = statSync(segment, { throwIfNoEntry: false })?.isFile() === true
  const store = isFile
    ? await openObjectStore({ url: pathToFileURL(dirname(resolve(segment))).href })
    : await openStore(data, env)
  const key = isFile ? basename(segment) : segment
  const sizeBytes = await store.size(key)
  if (sizeBytes === undefined) {
    await store.close()
    throw new Problem(`there is no segment ${segment}, neither as a file nor as a key of the store`)
  }
  return { source: { store, key, sizeBytes }, [Symbol.asyncDispose]: () => store.close() }
}

async function openStore(data: string, env: NodeJS.ProcessEnv): Promise<ObjectStore> {
  const local = pathToFileURL(new DataFolder(data).inside('objects')).href
  const settings = parseEnv(z.object(storeSettings), { OBJECT_STORE: local, ...env })
  return openObjectStore({
    url: settings.OBJECT_STORE,
    endpoint: settings.S3_ENDPOINT,
    region: settings.S3_REGION,
    forcePathStyle: settings.S3_FORCE_PATH_STYLE,
  })
}
