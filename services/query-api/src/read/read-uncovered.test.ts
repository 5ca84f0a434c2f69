import { createFooterCache, DEFAULT_TYPES } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { describe, expect, it } from 'vitest'
import { READ_LIMITS } from '../limits.ts'
import { recordOf } from '../testing/lines.ts'
import { MemoryLog } from '../testing/memory-log.ts'
import type { ReadDeps } from './deps.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { readUncovered } from './read-uncovered.ts'

const CHANNEL = '10'

function recordsOf(first: number, count: number): LogRecord[] {
  return Array.from({ length: count }, (_, at) =>
    recordOf({ number: first + at, channelId: CHANNEL, sentAtMs: 1_000_000 + first + at }),
  )
}

async function uncovered(log: MemoryLog, onEqualKeys: (count: number) => void): Promise<string[]> {
  const deps: ReadDeps = {
    hot: log,
    cold: log.cold,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: { ...READ_LIMITS, firstPageEntries: 3, pageEntries: 5 },
    onEqualKeys,
  }
  const snapshot = await log.snapshot({ shard: 0, channelId: CHANNEL, maxEntries: 3 })
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, types: DEFAULT_TYPES }
  const query = { ...range, channelId: CHANNEL, order: 'asc' } as const
  const keys: string[] = []
  for await (const batch of readUncovered(query, snapshot, deps)) {
    keys.push(...batch.map(({ key }) => key))
  }
  return keys
}

describe('what no covered segment has', () => {
  it('is each record once, also where one came again after its segment was compacted (I2)', async () => {
    const log = new MemoryLog(memoryObjectStore())
    const covered = recordsOf(0, 20)
    log.append(covered)
    await log.seal(0)
    await log.compact(0)
    const sealed = recordsOf(20, 10)
    log.append(sealed)
    await log.seal(0)
    const hot = recordsOf(30, 10)
    // A replay of what is compacted, of what is sealed, and of what is hot; and a late record between the covered ones.
    const late = recordOf({ number: 99, channelId: CHANNEL, sentAtMs: 1_000_007 })
    log.append([...hot, ...covered.slice(5, 12), late, ...sealed.slice(2, 4), ...hot.slice(0, 3)])
    let equal = 0
    const keys = await uncovered(log, (count) => {
      equal += count
    })
    expect(keys).toEqual([late, ...sealed, ...hot].map(({ key }) => key))
    expect(equal).toBe(5)
  })

  it('has a record that shares its key, not its sent time, with one that is covered', async () => {
    const log = new MemoryLog(memoryObjectStore())
    const covered = recordsOf(0, 20)
    log.append(covered)
    await log.seal(0)
    await log.compact(0)
    const namesake = recordOf({ number: 5, channelId: CHANNEL, sentAtMs: 1_000_009 })
    log.append([...covered.slice(5, 6), namesake])
    const keys = await uncovered(log, () => undefined)
    expect(keys).toEqual([namesake.key])
  })

  it('is without those who are erased (P1)', async () => {
    const log = new MemoryLog(memoryObjectStore())
    log.append(recordsOf(0, 10))
    await log.seal(0)
    log.append(recordsOf(10, 10))
    log.erase('2', 1_000_015)
    expect(await uncovered(log, () => undefined)).toEqual(recordsOf(15, 5).map(({ key }) => key))
  })
})
