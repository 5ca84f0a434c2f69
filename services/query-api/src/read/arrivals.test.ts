import { DEFAULT_TYPES, createFooterCache } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { READ_LIMITS } from '../limits.ts'
import { recordOf } from '../testing/lines.ts'
import { MemoryLog } from '../testing/memory-log.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { readLogs } from './read-logs.ts'
import { readUserLogs } from './read-user-logs.ts'

const CHANNEL = '10'
const USER = '2'
const SENT_MS = Date.UTC(2026, 10, 3, 12)

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('seal' as const, 'trim' as const, 'compact' as const),
    }),
  },
)

it('a range of arrivals holds what arrived in it, hot and cold, whatever its sent times', async () => {
  const story = fc.array(step, { minLength: 1, maxLength: 12 })
  const property = fc.asyncProperty(
    story,
    fc.nat({ max: 40 }),
    fc.nat({ max: 40 }),
    async (steps, from, length) => {
      const log = new MemoryLog(memoryObjectStore())
      const startMs = log.nowMs
      let number = 0
      for (const what of steps) {
        if (what.do === 'append') {
          const lines = Array.from({ length: what.count }, () => {
            number += 1
            const sentAtMs = SENT_MS + ((number * 7919) % 100)
            return recordOf({
              number,
              channelId: number % 3 === 0 ? '12' : CHANNEL,
              userId: number % 2 === 0 ? USER : '3',
              sentAtMs,
            })
          })
          log.append(lines)
        } else if (what.do === 'trim') log.trim(0)
        else await log[what.do](0)
      }
      const arrival = { fromMs: startMs + from, toMs: startMs + from + length }
      const deps = {
        hot: log,
        cold: log.cold,
        footers: createFooterCache(),
        pageBounds: new PageBoundsCache({ settledMs: 0 }),
        limits: { ...READ_LIMITS, firstPageEntries: 2, pageEntries: 3, keptEntries: 4 },
        onEqualKeys: () => undefined,
      }
      const query = { fromMs: 0, toMs: 1e15, order: 'asc', types: DEFAULT_TYPES, arrival } as const
      const isIn = ({ receivedAtMs }: { receivedAtMs: number }): boolean =>
        receivedAtMs >= arrival.fromMs && receivedAtMs < arrival.toMs
      const expected = log.records.filter(isIn)
      const ofChannel = (
        await Array.fromAsync(readLogs({ ...query, channelId: CHANNEL }, deps))
      ).flat()
      expect(ofChannel.map(({ raw }) => raw).toSorted()).toEqual(
        expected
          .filter(({ channelId }) => channelId === CHANNEL)
          .map(({ raw }) => raw)
          .toSorted(),
      )
      const ofUser = (await Array.fromAsync(readUserLogs({ ...query, userId: USER }, deps))).flat()
      expect(ofUser.map(({ raw }) => raw).toSorted()).toEqual(
        expected
          .filter(({ userId }) => userId === USER)
          .map(({ raw }) => raw)
          .toSorted(),
      )
    },
  )
  await fc.assert(property, { numRuns: 60 })
})
