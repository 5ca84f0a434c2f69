import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { importRecords, readJobConfig } from '@poglog/archiver'
import { generatedChannels, generateLines } from '@poglog/chat-sim'
import { openHotStore } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import { recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { DAY_MS, START_MS } from '../archive/chat.ts'
import { startApi } from '../query/api.ts'

/** Reading ends before the day does. */
const SPREAD = 0.99
const BATCH_RECORDS = 5000

/** One day of one channel in an archive, and an API on it. */
export interface Day extends AsyncDisposable {
  readonly api: string
  readonly channel: string
  readonly startMs: number
  readonly endMs: number
}

/** Makes up the day, seals it, and starts an API. */
export async function openDay(plan: {
  readonly dir: string
  readonly seed: number
  readonly messages: number
}): Promise<Day> {
  await using opening = new AsyncDisposableStack()
  const redis = opening.adopt(
    await startRedisServer({ dir: join(plan.dir, 'redis'), appendfsync: 'everysec' }),
    (started) => started.stop(),
  )
  const env = {
    REDIS_URL: redis.url,
    OBJECT_STORE: pathToFileURL(join(plan.dir, 'objects')).href,
    SHARDS: '1',
  }
  const [channel] = generatedChannels({ seed: plan.seed, channels: 1 })
  if (channel === undefined) throw new Error('no channel was made up')
  await importRecords({
    settings: readJobConfig(env),
    workDir: join(plan.dir, 'work'),
    records: recordsOf(plan, channel.roomId),
  })
  const hot = await openHotStore({ url: redis.url })
  const { login, roomId } = channel
  await hot.names.learn([{ id: roomId, login, seenAtMs: START_MS }])
  await hot.registry.add([login])
  hot.close()
  const api = opening.use(await startApi(env))
  const opened = opening.move()
  return {
    api: api.url,
    channel: login,
    startMs: START_MS,
    endMs: START_MS + DAY_MS,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function* recordsOf(
  { seed, messages }: { readonly seed: number; readonly messages: number },
  channelId: string,
): AsyncGenerator<LogRecord[]> {
  const messagesPerSecond = messages / ((DAY_MS / 1000) * SPREAD)
  let records: LogRecord[] = []
  let made = 0
  for (const raw of generateLines({ seed, channels: 1, startMs: START_MS, messagesPerSecond })) {
    const sentAtMs = Number(/;tmi-sent-ts=(\d+)/.exec(raw)?.[1])
    // What has no time of its own would be of now.
    const record = Number.isNaN(sentAtMs)
      ? undefined
      : recordFromLine(raw, { channelId, receivedAtMs: sentAtMs })
    if (record === undefined) continue
    records.push(record)
    made += 1
    if (records.length === BATCH_RECORDS || made === messages) {
      yield records
      records = []
    }
    if (made === messages) return
  }
}
