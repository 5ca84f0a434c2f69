import { plainRecord } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { PARTS_OPEN } from '../limits.ts'
import type { ReadDeps } from './deps.ts'
import { channelParts } from './log-parts.ts'
import type { LoadedPart, PartFilter, PartSource } from './log-parts.ts'
import { countStartingOver } from './start-over.ts'

/** Picks a whole number below a bound, each as likely as the others. */
export type Pick = (below: number) => number

/**
 * A record of a channel, or of a user in it, each as likely as the others; `undefined` where there is none.
 *
 * Places are drawn among as many as there are at most: the manifest says how many records a segment has, its footer how
 * many rows a row group has. A place that turns out to hold nothing wanted is drawn again, with what was learnt: of a
 * busy channel the first draw mostly holds, and one row group is looked at. Draws double, so that a channel that has little
 * in many segments takes a few rounds of requests.
 *
 * Fails as `countOnce` does.
 */
export async function randomRecord(
  query: PartFilter & { readonly channelId: string },
  deps: ReadDeps,
  pick: Pick = (below) => Math.floor(Math.random() * below),
): Promise<LogRecord | undefined> {
  return await countStartingOver(query.signal, async (signal) => {
    const { cold, hot } = await channelParts({ ...query, signal }, deps)
    const urns = [...cold, ...hot].map((source) => new Urn(source))
    for (let draws = 1; ; draws = Math.min(draws * 2, PARTS_OPEN)) {
      const total = urns.reduce((sum, { size }) => sum + size, 0)
      if (total === 0) return undefined
      const places = Array.from({ length: draws }, () => placeIn(urns, pick(total)))
      const found = await Promise.all(places.map(async ({ urn, place }) => urn.look(place)))
      // The first that holds: whether it does says nothing of the others.
      const record = found.find((taken) => taken !== undefined)
      if (record !== undefined) return plainRecord(await record())
    }
  })
}

/** A source with as many places as it may have records; looking into it makes the number right. */
class Urn {
  readonly #source: PartSource
  /** Places of each part, once the source has been opened. */
  #sizes: number[] | undefined

  constructor(source: PartSource) {
    this.#source = source
  }

  get size(): number {
    return this.#sizes?.reduce((sum, size) => sum + size, 0) ?? this.#source.recordsMax
  }

  /** How to read the record at a place; `undefined` where there is none. */
  async look(place: number): Promise<(() => Promise<LogRecord>) | undefined> {
    // Opened again for every look: footers are in a cache, and should not all be held here.
    const parts = await this.#source.open()
    const sizes = (this.#sizes ??= parts.map(({ recordsMax }) => recordsMax))
    let left = place
    for (const [at, part] of parts.entries()) {
      const size = sizes[at] ?? 0
      if (left < size) {
        const loaded = await part.load()
        sizes[at] = loaded.length
        return left < loaded.length ? () => recordAt(loaded, left) : undefined
      }
      left -= size
    }
    return undefined
  }
}

function placeIn(urns: readonly Urn[], drawn: number): { urn: Urn; place: number } {
  let place = drawn
  for (const urn of urns) {
    if (place < urn.size) return { urn, place }
    place -= urn.size
  }
  throw new Error('a draw lies beyond all places')
}

async function recordAt(part: LoadedPart, place: number): Promise<LogRecord> {
  const [record] = await part.records([place])
  if (record === undefined) throw new Error(`a part has no place ${place}`)
  return record
}
