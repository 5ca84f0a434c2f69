import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE_MS = 250
const READ_BYTES = 16_384

export interface SlowReading {
  readonly url: string
  readonly encoding: string
  readonly readers: number
  readonly forMs: number
  /** Called at the end, while all are still reading. */
  readonly atEnd: () => Promise<void>
}

/** Takes an answer many times at once, each at 64 kB a second, for a while, and leaves. @returns the bytes taken in all. */
export async function readSlowly(reading: SlowReading): Promise<number> {
  const { url, encoding, readers, forMs, atEnd } = reading
  const responses = await Promise.all(
    Array.from({ length: readers }, async () => await open(url, encoding)),
  )
  const endMs = performance.now() + forMs
  let bytes = 0
  while (performance.now() < endMs) {
    for (const response of responses) {
      const piece: unknown = response.read(READ_BYTES) ?? response.read()
      if (Buffer.isBuffer(piece)) bytes += piece.length
    }
    await sleep(PAUSE_MS)
  }
  await atEnd()
  for (const response of responses) response.destroy()
  return bytes
}

async function open(url: string, encoding: string): Promise<IncomingMessage> {
  const outgoing = get(url, { agent: false, headers: { 'accept-encoding': encoding } })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('error', reject).once('response', resolve)
  })
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} of ${url}`)
  return response
}
