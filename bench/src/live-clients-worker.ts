import { z } from 'zod'
import { LiveReader } from './live/reader.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const LATE_MS_MAX = 30_000
const RECONNECTS = 3
const AWAY_MS_MAX = 500
/** How many connect at once. */
const CONNECTING = 25

const messageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('listen'),
    port: z.int(),
    channelIds: z.array(z.string()),
    listeners: z.int(),
    /** Over so long each is cut off some times. */
    forMs: z.number(),
  }),
  z.object({ type: z.literal('end'), sent: z.record(z.string(), z.int()) }),
])

/** Listens with many sockets, and counts by numbers that the lines carry; told and asked over the process' channel. */
let readers: LiveReader[] = []
let cutting: Promise<unknown> = Promise.resolve()

process.on('message', (message: unknown) => {
  const what = messageSchema.parse(message)
  if (what.type === 'listen') void listen(what)
  else void report(what.sent)
})

async function listen(what: {
  readonly port: number
  readonly channelIds: readonly string[]
  readonly listeners: number
  readonly forMs: number
}): Promise<void> {
  const { port, channelIds, listeners, forMs } = what
  readers = Array.from({ length: listeners }, (_, at) => {
    return new LiveReader(port, channelIds[at % channelIds.length] ?? '')
  })
  for (let at = 0; at < readers.length; at += CONNECTING) {
    await Promise.all(readers.slice(at, at + CONNECTING).map((reader) => reader.connect()))
  }
  process.send?.({ type: 'ready' })
  cutting = Promise.all(readers.map((reader) => cutOff(reader, forMs)))
}

async function cutOff(reader: LiveReader, forMs: number): Promise<void> {
  const times = Array.from({ length: RECONNECTS }, () => Math.random() * forMs).toSorted(
    (left, right) => left - right,
  )
  const startedMs = performance.now()
  for (const atMs of times) {
    await sleep(Math.max(0, startedMs + atMs - performance.now()))
    reader.disconnect()
    await sleep(Math.random() * AWAY_MS_MAX)
    await reader.connect()
  }
}

async function report(sent: Readonly<Record<string, number>>): Promise<void> {
  await cutting
  const endMs = performance.now() + LATE_MS_MAX
  const missing = (): number =>
    readers.reduce((sum, reader) => sum + reader.missing(sent[reader.channelId] ?? 0), 0)
  while (missing() > 0 && performance.now() < endMs) await sleep(100)
  const delays = readers.reduce(
    (sum, { delays: each }) => sum.map((n, ms) => n + (each[ms] ?? 0)),
    [...(readers[0]?.delays.map(() => 0) ?? [])],
  )
  process.send?.({
    type: 'report',
    lost: missing(),
    doubled: readers.reduce((sum, { doubled }) => sum + doubled, 0),
    events: readers.reduce((sum, { events }) => sum + events, 0),
    connections: readers.reduce((sum, { connections }) => sum + connections, 0),
    delays,
  })
}
