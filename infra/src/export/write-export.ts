import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { LogRecord } from '@poglog/log-format'
import { batchWriter } from '@poglog/query-api'
import { describe } from '../data-folder.ts'
import type { ExportQuery } from './options.ts'
import { writeParquet } from './write-parquet.ts'

/** How and where to write. Without `out`, or where it is `-`, to standard output. */
export interface WriteExportOptions extends ExportQuery {
  readonly out: string | undefined
  readonly shards: number
  readonly signal: AbortSignal
}

type Records = AsyncIterable<readonly LogRecord[]>

/** @throws {Problem} when the file cannot be written; none is left then. */
export async function writeExport(records: Records, options: WriteExportOptions): Promise<void> {
  const { format, out } = options
  if (out === undefined || out === '-') {
    // "poglog export | head" closes the pipe; that is an end, not a failure.
    process.stdout.once('error', () => process.exit(0))
    await writeLines(records, process.stdout, format)
    return
  }
  const partial = `${out}.${process.pid}.partial`
  try {
    await mkdir(dirname(out), { recursive: true })
    if (format === 'parquet') await writeParquet(records, partial, options)
    else {
      const stream = createWriteStream(partial, { flags: 'w' })
      await once(stream, 'open')
      await writeLines(records, stream, format)
      stream.end()
      await finished(stream)
    }
    await rename(partial, out)
  } catch (error) {
    await rm(partial, { force: true })
    throw describe(error, out)
  }
}

async function writeLines(
  records: Records,
  stream: Writable,
  format: ExportQuery['format'],
): Promise<void> {
  if (format === 'parquet') throw new Error('Parquet is not written in lines')
  const toBytes = batchWriter(format)
  for await (const batch of records) {
    if (batch.length > 0 && !stream.write(toBytes(batch))) await once(stream, 'drain')
  }
}
