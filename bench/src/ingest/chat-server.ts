import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { encodeFrame, framesOf } from './frames.ts'
import { listenAsTwitch } from './twitch-side.ts'

/** Bytes of one write at full speed: large, so that sending costs next to nothing. */
const WRITE_BYTES = 128 * 1024
const PACE_MS = 5

const planSchema = z.object({
  path: z.string(),
  channels: z.array(z.object({ login: z.string(), roomId: z.string() })),
})
/** Some of the lines, and how many a second; without, as fast as they are taken. */
const goSchema = z.object({
  from: z.number(),
  to: z.number(),
  perSecond: z.number().optional(),
})

interface Frame {
  readonly bytes: Buffer
  readonly lines: number
}

/**
 * Twitch's side of a connection, as little as it takes: a process that answers logins, joins and pings and, when told
 * to, sends the lines of a file to whoever came last. The frames are made beforehand.
 */
const plan = planSchema.parse(JSON.parse(process.argv[2] ?? ''))
const lines = readFileSync(plan.path, 'utf8').split('\n')

let last: Duplex | undefined
const port = await listenAsTwitch({
  roomIds: new Map(plan.channels.map(({ login, roomId }) => [login, roomId])),
  connected: (socket) => {
    last = socket
  },
})
process.send?.({ port })
process.on('message', (message) => {
  const { from, to, perSecond } = goSchema.parse(message)
  const frames = encodedFrames(lines.slice(from, to))
  const socket = last
  if (socket === undefined) throw new Error('nobody has connected')
  socket.on('error', () => socket.destroy()) // The other side ended; it is seen there.
  void (perSecond === undefined ? sendAll(socket, frames) : sendPaced(socket, frames, perSecond))
})
process.on('disconnect', () => process.exit())

async function sendAll(socket: Duplex, frames: readonly Frame[]): Promise<void> {
  let pending: Buffer[] = []
  let bytes = 0
  const flush = async (): Promise<void> => {
    if (!socket.write(Buffer.concat(pending))) await once(socket, 'drain')
    pending = []
    bytes = 0
  }
  process.send?.({ startedMs: Date.now() })
  for (const frame of frames) {
    pending.push(frame.bytes)
    bytes += frame.bytes.length
    if (bytes >= WRITE_BYTES) await flush()
  }
  await flush()
}

/** Sends each frame when its time has come, and tells when that was, line by line. */
async function sendPaced(
  socket: Duplex,
  frames: readonly Frame[],
  perSecond: number,
): Promise<void> {
  const startMs = Date.now()
  process.send?.({ startedMs: startMs })
  const sentMs: number[] = []
  for (const frame of frames) {
    while ((sentMs.length * 1000) / perSecond > Date.now() - startMs) await sleep(PACE_MS)
    const nowMs = Date.now()
    socket.write(frame.bytes)
    for (let line = 0; line < frame.lines; line += 1) sentMs.push(nowMs)
  }
  process.send?.({ sentMs })
}

function encodedFrames(texts: readonly string[]): Frame[] {
  const groups = [...framesOf(texts)]
  return groups.map((group) => ({ bytes: encodeFrame(group), lines: group.length }))
}
