import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { decompressed } from './decompressed.ts'
import type { OpenUnit, Unit } from './unit.ts'

const CHUNK_BYTES = 256 * 1024

/** What a file unit may know beyond its path. */
export interface FileUnitOptions {
  readonly channelId?: string | undefined
  readonly dayMs?: number | undefined
  readonly takes?: Unit['takes']
  /** What else decides what is taken of the file, for the journal. */
  readonly variant?: string | undefined
}

export async function fileUnit(path: string, options: FileUnitOptions = {}): Promise<Unit> {
  const { channelId, dayMs, takes, variant = '' } = options
  const { size, mtimeMs } = await stat(path)
  return {
    name: path,
    id: `file ${resolve(path)} ${size} ${mtimeMs} ${channelId ?? ''} ${variant}`.trimEnd(),
    dayMs,
    sizeBytes: size,
    channelId,
    takes,
    open: () => {
      const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES })
      // Somebody may still be writing it, and have written half a line.
      const isWhole = (): Promise<boolean> =>
        stat(path).then(
          (now) => now.size === size,
          () => false,
        )
      return Promise.resolve(opened(stream, isWhole))
    },
  }
}

export function standardInput(channelId: string | undefined): Unit {
  return {
    name: 'standard input',
    id: undefined,
    dayMs: undefined,
    sizeBytes: undefined,
    channelId,
    open: () => Promise.resolve(opened(process.stdin)),
  }
}

/** A stream's bytes, decompressed where they need it; the stream is destroyed with it. */
export function opened(
  stream: Readable & { bytesRead?: number },
  isWhole?: OpenUnit['isWhole'],
): OpenUnit {
  return {
    isWhole,
    bytes: decompressed(stream),
    readBytes: () => stream.bytesRead ?? 0,
    [Symbol.asyncDispose]() {
      stream.destroy()
      return Promise.resolve()
    },
  }
}
