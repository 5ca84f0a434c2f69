import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openHotStore } from '@poglog/hot-store'
import type { AppendLine, HotStore } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import { z } from 'zod'
import { atMost } from './bench.ts'
import type { Bench, Row } from './bench.ts'
import { startApi } from './query/api.ts'

const CLIENTS = fileURLToPath(new URL('live-clients-worker.ts', import.meta.url))
const LISTENERS = 1000
const SECONDS = 15
/** As ingest appends. */
const BATCH_MS = 50
const SHARDS = 4
const DELAY_MS_TARGET = 1000
const FIRST_CHANNEL = 1000

/** How many channels, and messages a second in all of them together. */
const SCENES = [
  { channels: 100, perSecond: 1000 },
  { channels: 1, perSecond: 20 },
  { channels: 1, perSecond: 100 },
  { channels: 1, perSecond: 300 },
] as const

const reportSchema = z.object({
  lost: z.int(),
  doubled: z.int(),
  events: z.int(),
  connections: z.int(),
  delays: z.array(z.int()),
})

export const bench: Bench = {
  description: `${LISTENERS} live tails of ${SECONDS} s, each cut off three times; generator, API and clients on the same cores`,
  run: async () => {
    const rows: Row[] = []
    for (const scene of SCENES) rows.push(...(await play(scene)))
    return rows
  },
}

async function play(scene: { channels: number; perSecond: number }): Promise<Row[]> {
  await using opened = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'poglog-live-'))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const redis = await startRedisServer({ dir: join(dir, 'redis'), appendfsync: 'everysec' })
  opened.defer(() => redis.stop())
  const hot = await openHotStore({ url: redis.url, shards: SHARDS })
  opened.defer(() => {
    hot.close()
  })
  const api = await startApi({
    REDIS_URL: redis.url,
    OBJECT_STORE: pathToFileURL(join(dir, 'objects')).href,
    LIVE_LISTENERS_PER_ADDRESS_MAX: String(LISTENERS * 2),
  })
  opened.use(api)
  const channelIds = Array.from({ length: scene.channels }, (_, at) => String(FIRST_CHANNEL + at))
  const logins = channelIds.map((id) => `channel${id}`)
  await hot.names.learn(channelIds.map((id) => ({ id, login: `channel${id}`, seenAtMs: 1 })))
  await hot.registry.add(logins)
  const clients = fork(CLIENTS)
  opened.defer(async () => {
    clients.kill()
    if (clients.exitCode === null) await once(clients, 'exit')
  })
  const forMs = SECONDS * 1000
  const port = Number(new URL(api.url).port)
  clients.send({ type: 'listen', port, channelIds, listeners: LISTENERS, forMs })
  await answerOf(clients)
  const beforeMs = await api.cpuMs()
  const sent = await generate(hot, channelIds, scene.perSecond)
  clients.send({ type: 'end', sent })
  const report = reportSchema.parse(await answerOf(clients))
  const processorMs = (await api.cpuMs()) - beforeMs
  return rowsOf(scene, report, { processorMs, peakMib: await api.peakMib() })
}

function rowsOf(
  { channels, perSecond }: { channels: number; perSecond: number },
  { lost, doubled, events, connections, delays }: z.infer<typeof reportSchema>,
  api: { readonly processorMs: number; readonly peakMib: number },
): Row[] {
  const of = channels === 1 ? 'one channel' : `${channels} channels`
  const name = `${of}, ${perSecond} messages/s`
  return [
    atMost(0, { name: `${name}: lost`, value: lost, unit: 'events' }),
    atMost(0, { name: `${name}: doubled`, value: doubled, unit: 'events' }),
    { name: `${name}: given`, value: events / SECONDS, unit: 'events/s' },
    { name: `${name}: connections`, value: connections, unit: '' },
    { name: `${name}: delay, median`, value: delayOf(delays, 0.5), unit: 'ms' },
    atMost(DELAY_MS_TARGET, {
      name: `${name}: delay, p99`,
      value: delayOf(delays, 0.99),
      unit: 'ms',
    }),
    {
      name: `${name}: processor time of the API`,
      value: (api.processorMs * 1000) / events,
      unit: 'us/event',
    },
    { name: `${name}: most memory of the API`, value: api.peakMib, unit: 'MiB' },
  ]
}

function delayOf(delays: readonly number[], share: number): number {
  const wanted = delays.reduce((sum, count) => sum + count, 0) * share
  let sum = 0
  return Math.max(
    0,
    delays.findIndex((count) => (sum += count) >= wanted),
  )
}

/** Appends lines at an even pace. @returns how many each channel was sent. */
async function generate(
  hot: HotStore,
  channelIds: readonly string[],
  perSecond: number,
): Promise<Record<string, number>> {
  const numbers = new Map(channelIds.map((channelId) => [channelId, 0]))
  const startedMs = performance.now()
  let sent = 0
  while (sent < perSecond * SECONDS) {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * perSecond)
    const lines: AppendLine[] = []
    for (; sent < Math.min(due, perSecond * SECONDS); sent += 1) {
      const channelId = channelIds[sent % channelIds.length] ?? ''
      const number = numbers.get(channelId) ?? 0
      numbers.set(channelId, number + 1)
      lines.push(lineOf(channelId, `no ${number} ${Date.now()} and something said`))
    }
    await append(hot, lines)
    await sleep(BATCH_MS)
  }
  return Object.fromEntries(numbers)
}

async function append(hot: HotStore, lines: readonly AppendLine[]): Promise<void> {
  const byShard = Map.groupBy(lines, ({ channelId }) => hot.shardOf(channelId))
  await Promise.all([...byShard].map(([shard, group]) => hot.append(shard, group)))
}

/** A line of about 400 bytes, as Twitch sends them. */
function lineOf(channelId: string, text: string): AppendLine {
  const id = randomUUID()
  const sentAtMs = Date.now()
  const tags = [
    'badge-info=subscriber/14',
    'badges=subscriber/12,premium/1',
    'client-nonce=6f1d2c9be03a47d18c5590a17be2f3d4',
    'color=#1E90FF',
    'display-name=Somebody',
    'emotes=',
    'first-msg=0',
    'flags=',
    `id=${id}`,
    'mod=0',
    'returning-chatter=0',
    `room-id=${channelId}`,
    'subscriber=1',
    `tmi-sent-ts=${sentAtMs}`,
    'turbo=0',
    'user-id=4242',
    'user-type=',
  ]
  const from = 'somebody!somebody@somebody.tmi.twitch.tv'
  const raw = `@${tags.join(';')} :${from} PRIVMSG #channel${channelId} :${text}`
  const key = id.replaceAll('-', '')
  return { channelId, key, raw, sentAtMs, userId: '4242', type: 'PRIVMSG' }
}

async function answerOf(clients: ChildProcess): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  clients.once('message', resolve)
  return await promise
}
