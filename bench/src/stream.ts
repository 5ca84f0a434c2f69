import { pathToFileURL } from 'node:url'
import { archiveOf } from './archive/build.ts'
import { DAY_MS } from './archive/chat.ts'
import type { Bench, Row } from './bench.ts'
import { startApi } from './query/api.ts'
import type { Api } from './query/api.ts'
import { Asker } from './query/ask.ts'
import { medianOf } from './parser/race.ts'
import { readSlowly } from './query/slow-readers.ts'

const ROUNDS = 3
const SLOW_READERS = 50
const SLOW_MS = 20_000
const ENCODINGS = ['identity', 'zstd'] as const

export const bench: Bench = {
  description:
    'a day of one channel streamed over HTTP in each format, plain and zstd; slow readers',
  run: async (options) => {
    const { objectsDir, redisUrl, measured } = await archiveOf(options)
    const { channelId, day } = measured.facts
    const env = { REDIS_URL: redisUrl, OBJECT_STORE: pathToFileURL(objectsDir).href }
    const rows: Row[] = []
    {
      await using api = await startApi(env)
      for (const { name, path, records } of answersOf(channelId, day)) {
        for (const encoding of ENCODINGS) {
          rows.push(...(await measure(api, { name, path, records, encoding })))
        }
      }
      rows.push({ name: 'all of it: peak memory', value: await api.peakMib(), unit: 'MiB' })
    }
    for (const encoding of ENCODINGS) {
      await using api = await startApi(env)
      const url = `${api.url}${rangePath(channelId, day.startMs, 'raw')}`
      const beforeMib = await api.memoryMib()
      let heldMib = 0
      const atEnd = async () => {
        heldMib = await api.memoryMib()
      }
      const plan = { url, encoding, readers: SLOW_READERS, forMs: SLOW_MS, atEnd }
      const bytes = await readSlowly(plan)
      const name = `${SLOW_READERS} slow readers of raw, ${encoding}`
      rows.push(
        { name: `${name}: memory before`, value: beforeMib, unit: 'MiB' },
        { name: `${name}: memory while they read`, value: heldMib, unit: 'MiB' },
        { name: `${name}: peak memory`, value: await api.peakMib(), unit: 'MiB' },
        { name: `${name}: taken by each`, value: bytes / SLOW_READERS / 1e6, unit: 'MB' },
      )
    }
    return rows
  },
}

interface Answer {
  readonly name: string
  readonly path: string
  readonly records: number
}

function answersOf(
  channelId: string,
  { startMs, shown, deletions }: { startMs: number; shown: number; deletions: number },
): Answer[] {
  const native = ['text', 'ndjson', 'raw'].map((format) => ({
    name: `a channel day as ${format}`,
    path: rangePath(channelId, startMs, format),
    records: shown,
  }))
  const date = new Date(startMs)
  const day = `${date.getUTCFullYear()}/${date.getUTCMonth() + 1}/${date.getUTCDate()}`
  const path = `/channelid/${channelId}/${day}?json`
  return [...native, { name: "a channel day as rustlog's json", path, records: shown - deletions }]
}

function rangePath(channelId: string, startMs: number, format: string): string {
  return `/channel/${channelId}/logs?from=${startMs}&to=${startMs + DAY_MS}&order=asc&format=${format}`
}

async function measure(
  api: Api,
  { name, path, records, encoding }: Answer & { readonly encoding: string },
): Promise<Row[]> {
  using asker = new Asker()
  const options = { headers: { 'accept-encoding': encoding } }
  const ask = async () => await asker.ask(`${api.url}${path}`, options)
  // The first round warms caches up.
  await ask()
  const cpuBeforeMs = await api.cpuMs()
  const asked = []
  for (let round = 0; round < ROUNDS; round += 1) asked.push(await ask())
  const cpuMs = (await api.cpuMs()) - cpuBeforeMs
  const wholeMs = medianOf(asked.map((one) => one.wholeMs))
  const bytes = asked[0]?.bytes ?? 0
  const label = `${name}, ${encoding}`
  return [
    {
      name: `${label}: first byte`,
      value: medianOf(asked.map((one) => one.firstByteMs)),
      unit: 'ms',
    },
    { name: `${label} (${records})`, value: (records / wholeMs) * 1000, unit: 'records/s' },
    { name: `${label}: over the wire`, value: bytes / 1000 / wholeMs, unit: 'MB/s' },
    { name: `${label}: size`, value: bytes / 1e6, unit: 'MB' },
    {
      name: `${label}: processor time`,
      value: (cpuMs / ROUNDS / records) * 1000,
      unit: 'us/record',
    },
  ]
}
