import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import type { LogRecord } from '@poglog/log-format'
import { batchWriter } from '@poglog/query-api'
import { describe } from '../data-folder.ts'
import { Problem } from '../problem.ts'
import type { ExportQuery } from './options.ts'
import { writeParquet } from './write-parquet.ts'

/** How and where to write. Without `out`, or where it is `-`, to standard output. */
export interface WriteExportOptions extends ExportQuery {
  readonly out: string | undefined
  readonly shards: number
  readonly signal: AbortSignal
}

type Records = AsyncIterable<readonly LogRecord[]>

/**
 * @returns `false` when whoever reads standard output has closed it: `poglog export | head` is an end, not a failure.
 * @throws {Problem} when it cannot be written; no file is left then.
 */
export async function writeExport(records: Records, options: WriteExportOptions): Promise<boolean> {
  const { format, out, signal } = options
  if (out === undefined || out === '-') {
    try {
      await pipeline(linesOf(records, format), process.stdout, { end: false, signal })
      return true
    } catch (error) {
      if (codeOf(error) === 'EPIPE') return false
      signal.throwIfAborted()
      throw failureOf(error, 'standard output')
    }
  }
  const partial = `${out}.${process.pid}.partial`
  try {
    await mkdir(dirname(out), { recursive: true })
    if (format === 'parquet') await writeParquet(records, partial, options)
    else await pipeline(linesOf(records, format), createWriteStream(partial), { signal })
    await rename(partial, out)
    return true
  } catch (error) {
    await rm(partial, { force: true })
    signal.throwIfAborted()
    throw failureOf(error, out)
  }
}

async function* linesOf(
  records: Records,
  format: ExportQuery['format'],
): AsyncGenerator<Uint8Array> {
  if (format === 'parquet') throw new Error('Parquet is not written in lines')
  const toBytes = batchWriter(format)
  for await (const batch of records) if (batch.length > 0) yield toBytes(batch)
}

/** What the file system said, as a sentence; what the readers of the archive throw passes. */
function failureOf(error: unknown, out: string): unknown {
  const known = describe(error, out)
  if (known !== error || codeOf(error) === undefined || !(error instanceof Error)) return known
  if (!('syscall' in error)) return error
  return new Problem(`cannot write to ${out}: ${error.message}`, { cause: error })
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
