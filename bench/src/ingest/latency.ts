import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { startRedisServer } from '@poglog/hot-store/server'
import { z } from 'zod'
import { startApi } from '../query/api.ts'
import { startChat } from './chat.ts'
import { writeLines } from './lines.ts'
import type { Lines } from './lines.ts'
import { startPoglog } from './loggers.ts'
import { peakMibOf } from './program.ts'
import { REDIS } from './throughput.ts'

export const PACE_PER_SECOND = 1000
const SECONDS = 12
const WARM_UP_SECONDS = 2
/** Of the busiest channel, which gets a fifth of all: more than it gets between two questions. */
const ANSWER_LINES = 500
const PAUSE_MS = 5
const LAST_MS_MAX = 5000

const answerSchema = z.object({ messages: z.array(z.object({ id: z.string().optional() })) })
const ID = /[@;]id=([0-9a-f-]{36})/

export interface Latency {
  /** From the socket to the end of the first answer with the line, sorted, ms. */
  readonly sortedMs: readonly number[]
  /** Lines that were in no answer. */
  readonly missed: number
  readonly ingestPeakMib: number
}

/** Sends chat at an even pace, and asks the API for the newest lines of a channel all the while. */
export async function measureLatency(): Promise<Latency> {
  await using opened = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'poglog-bench-'))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const count = PACE_PER_SECOND * SECONDS
  const startMs = Date.now()
  const pace = { count, messagesPerSecond: PACE_PER_SECOND, startMs }
  const lines = await writeLines(join(dir, 'lines.irc'), pace)
  const redis = await startRedisServer({ dir: join(dir, 'redis'), ...REDIS })
  opened.defer(() => redis.stop())
  const objects = pathToFileURL(join(dir, 'objects')).href
  const api = opened.use(await startApi({ REDIS_URL: redis.url, OBJECT_STORE: objects }))
  const chat = opened.use(await startChat(lines))
  const ingest = opened.use(await startPoglog({ chatPort: chat.port, redis, lines, dir }))

  await chat.go({ from: 0, to: count, perSecond: PACE_PER_SECOND })
  const sent = chat.sent()
  const endMs = Date.now() + SECONDS * 1000 + LAST_MS_MAX
  const range = `from=${startMs - 60_000}&to=${startMs + 600_000}`
  const query = `${range}&order=desc&limit=${ANSWER_LINES}`
  const url = `${api.url}/channel/${lines.channels[0]?.roomId}/logs?${query}`
  const seenMs = await askUntil(url, { ids: idsOf(lines), endMs })
  return {
    ...compare(idsOf(lines), { seenMs, sentMs: await sent }),
    ingestPeakMib: await peakMibOf(ingest.pid),
  }
}

/** The messages of the channel that is asked for, and which line each is. */
function idsOf({ texts, channels }: Lines): Map<string, number> {
  const busiest = ` PRIVMSG #${channels[0]?.login} `
  const ids = new Map<string, number>()
  for (const [index, text] of texts.entries()) {
    const id = text.includes(busiest) ? ID.exec(text)?.[1] : undefined
    if (id !== undefined) ids.set(id, index)
  }
  return ids
}

/** When each message was first in an answer. */
async function askUntil(
  url: string,
  { ids, endMs }: { ids: ReadonlyMap<string, number>; endMs: number },
): Promise<Map<string, number>> {
  const seenMs = new Map<string, number>()
  while (seenMs.size < ids.size && Date.now() < endMs) {
    const { messages } = answerSchema.parse(await (await fetch(url)).json())
    const nowMs = Date.now()
    for (const { id = '' } of messages) {
      if (ids.has(id) && !seenMs.has(id)) seenMs.set(id, nowMs)
    }
    await sleep(PAUSE_MS)
  }
  return seenMs
}

function compare(
  ids: ReadonlyMap<string, number>,
  { seenMs, sentMs }: { seenMs: ReadonlyMap<string, number>; sentMs: readonly number[] },
): Omit<Latency, 'ingestPeakMib'> {
  const fromIndex = WARM_UP_SECONDS * PACE_PER_SECOND
  const counted = [...ids].filter(([, index]) => index >= fromIndex)
  const latencies = counted.map(([id, index]) => (seenMs.get(id) ?? NaN) - (sentMs[index] ?? 0))
  const sortedMs = latencies.filter((ms) => !Number.isNaN(ms)).toSorted((a, b) => a - b)
  return { sortedMs, missed: counted.length - sortedMs.length }
}
