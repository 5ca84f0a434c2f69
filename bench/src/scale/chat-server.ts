import type { Duplex } from 'node:stream'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { generateLines, generatedChannels } from '@poglog/chat-sim'
import { z } from 'zod'
import { encodeFrame } from '../ingest/frames.ts'
import { listenAsTwitch } from '../ingest/twitch-side.ts'
import { Receivers } from './receivers.ts'
import { RecordCount } from './record-count.ts'
import { ticksOf } from './ticks.ts'

/** Twitch puts what it has into one frame: what comes within a tick, up to so many lines. */
const TICK_MS = 10
const FRAME_LINES_MAX = 9

const planSchema = z.object({ seed: z.number(), channels: z.number(), chatters: z.number() })
const storySchema = z.object({
  order: z.literal('prepare'),
  storySeed: z.number(),
  perSecond: z.number(),
  lines: z.number(),
})
const orderSchema = z.discriminatedUnion('order', [
  storySchema,
  z.object({ order: z.literal('go') }),
])

interface Write {
  readonly socket: Duplex
  readonly bytes: Buffer
  readonly lines: number
}

/**
 * Twitch's side of any number of connections: a process that answers logins, joins and pings and, when told to, sends
 * made-up chat at an even pace, each line to the connection that has joined its channel. All frames are made
 * beforehand, so that sending costs next to nothing.
 */
const plan = planSchema.parse(JSON.parse(process.argv[2] ?? ''))
const roomIds = new Map(generatedChannels(plan).map(({ login, roomId }) => [login, roomId]))
const receivers = new Receivers<Duplex>()
const records = new RecordCount(roomIds)
let ticks: Write[][] = []

const port = await listenAsTwitch({
  roomIds,
  connected(socket) {
    socket.on('error', () => socket.destroy()) // It is seen on the other side.
    socket.on('close', () => receivers.gone(socket))
  },
  joined: (login, socket) => receivers.joined(login, socket),
  parted: (login, socket) => receivers.parted(login, socket),
})
process.send?.({ port })
process.on('message', (message) => {
  const order = orderSchema.parse(message)
  void (order.order === 'go' ? sendAll() : prepare(order))
})
process.on('disconnect', () => process.exit())

async function sendAll(): Promise<void> {
  const startMs = performance.now()
  let undelivered = 0
  process.send?.({ isStarted: true })
  for (const [index, writes] of ticks.entries()) {
    // A line is sent at the end of its tick. Also when late: what is written must get out, and pings be answered.
    const dueMs = startMs + (index + 1) * TICK_MS
    await sleep(Math.max(0, dueMs - performance.now()))
    for (const { socket, bytes, lines } of writes) {
      if (socket.writable) socket.write(bytes)
      else undelivered += lines
    }
  }
  process.send?.({ tookMs: performance.now() - startMs, undelivered })
}

/** Pings are answered meanwhile. */
async function prepare({
  storySeed,
  perSecond,
  lines,
}: z.infer<typeof storySchema>): Promise<void> {
  const story = { storySeed, lines, messagesPerSecond: perSecond, startMs: Date.now() }
  const texts = records.countIn(generateLines({ ...plan, ...story }))
  const pace = { perSecond, tickMs: TICK_MS }
  let frames = 0
  ticks = []
  for (const tick of ticksOf(texts, pace, (login) => receivers.of(login))) {
    const writes: Write[] = []
    for (const [socket, ofTick] of tick) {
      const encoded = framesOf(ofTick)
      frames += encoded.length
      writes.push({ socket, bytes: Buffer.concat(encoded), lines: ofTick.length })
    }
    ticks.push(writes)
    await setImmediate()
  }
  process.send?.({ frames, records: records.take() })
}

function framesOf(texts: readonly string[]): Buffer[] {
  const frames: Buffer[] = []
  for (let from = 0; from < texts.length; from += FRAME_LINES_MAX) {
    frames.push(encodeFrame(texts.slice(from, from + FRAME_LINES_MAX)))
  }
  return frames
}
