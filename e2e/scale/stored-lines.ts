import { openHotStore } from '@poglog/hot-store'

const EXAMPLES_MAX = 5
const LEDGER = new Set(['PRESENCE', 'GAP', 'ROOMSTATE'])

/** The lines that Redis has of each channel, in the order in which they came; without those nobody said. */
export async function storedLines(redisUrl: string): Promise<ReadonlyMap<string, string[]>> {
  const store = await openHotStore({ url: redisUrl })
  const lines = new Map<string, string[]>()
  try {
    for (let shard = 0; shard < store.shards; shard += 1) {
      for await (const channelId of store.channels(shard)) {
        const ofChannel: string[] = []
        const query = { shard, channelId, fromMs: 0, toMs: Date.now() + 60_000 }
        for await (const page of store.readRange(query)) {
          for (const { raw, type } of page) if (!LEDGER.has(type)) ofChannel.push(raw)
        }
        lines.set(channelId, ofChannel)
      }
    }
  } finally {
    store.close()
  }
  return lines
}

export interface Comparison {
  readonly lost: number
  readonly doubled: number
  /** Lines that came before one that was sent earlier, in the same channel. */
  readonly outOfOrder: number
  /** Some of the lines that are lost. */
  readonly examples: readonly string[]
}

/** Compares what was sent with what is stored, by channel id. */
export function compareLines(
  sent: ReadonlyMap<string, readonly string[]>,
  stored: ReadonlyMap<string, readonly string[]>,
): Comparison {
  const total = { lost: 0, doubled: 0, outOfOrder: 0, examples: [] as string[] }
  for (const [channelId, lines] of sent) {
    const places = new Map(lines.map((line, index) => [line, index]))
    // A NOTICE has neither id nor time: the same one again has no place of its own.
    const repeated = new Set(lines.filter((line, index) => places.get(line) !== index))
    const seen = new Set<string>()
    let last = -1
    for (const line of stored.get(channelId) ?? []) {
      const place = places.get(line)
      if (place === undefined || repeated.has(line)) continue
      if (seen.has(line)) total.doubled += 1
      seen.add(line)
      if (place < last) total.outOfOrder += 1
      last = Math.max(last, place)
    }
    const lost = lines.filter((line) => !seen.has(line) && !repeated.has(line))
    total.lost += lost.length
    total.examples.push(...lost.slice(0, EXAMPLES_MAX - total.examples.length))
  }
  return total
}
