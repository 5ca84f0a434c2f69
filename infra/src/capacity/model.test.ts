import { readConfig as readArchiverConfig } from '@poglog/archiver/config'
import { readConfig as readIngestConfig } from '@poglog/ingest/config'
import { assert, double, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUILT_IN } from './facts.ts'
import { capacityOf } from './model.ts'
import { loadOf, WHOLE_TWITCH_OPTIONS as twitch } from './options.ts'

describe('capacityOf', () => {
  it('adds up the bytes of the store by hand', () => {
    const { store } = capacityOf(loadOf({ ...twitch, monthsKept: '1' }))
    expect(store.recordsPerMonth).toBe(2000 * 86_400 * 30.4)
    expect(store.bytesPerMonth).toBe(Math.round(2000 * 86_400 * 30.4 * (45.2 + 41.6 + 10.3)))
    expect(store.bytesKept).toBe(store.bytesPerMonth)
  })

  it('keeps an hour and the grace in Redis where a shard has few records, less where it is sealed early', () => {
    const slow = capacityOf(loadOf({ ...twitch, messagesPerSecond: '10', peakFactor: '1' }))
    expect(slow.redis.hotSeconds).toBe(3600 + 15 + 600)
    const fast = capacityOf(loadOf({ ...twitch, peakFactor: '1' }))
    expect(fast.redis.hotSeconds).toBe(100_000 / (2000 / 16) + 15 + 600)
    const asked = capacityOf(loadOf({ ...twitch, retentionHoursHot: '2', peakFactor: '1' }))
    expect(asked.redis.hotRecords).toBe(2000 * 7200)
  })

  it('has as many addresses as join all channels in time, and a replica for each', () => {
    const { ingest } = capacityOf(loadOf(twitch))
    expect(ingest.addresses).toBe(Math.ceil(200_000 / (120 * 60)))
    expect(ingest.replicas).toBeGreaterThanOrEqual(ingest.addresses)
    expect(ingest.minutesToJoin).toBeLessThanOrEqual(60)
  })

  it('counts what replicas and channels take while nobody writes, and seals each record once', () => {
    const quiet = capacityOf(loadOf({ ...twitch, messagesPerSecond: '0.001' }))
    expect(quiet.ingest.coresAtPeak).toBeCloseTo(28 * 0.02 + 200_000 * 5.2e-6)
    const { redis } = capacityOf(loadOf(twitch))
    expect(redis.coresAtPeak).toBeCloseTo(6000 * (2 * 58e-6 + 34.5e-6))
  })

  it('lets a replica be replaced while all channels are received as often as they should be', () => {
    const small = loadOf({ ...twitch, messagesPerSecond: '1', channels: '5', replication: '2' })
    expect(capacityOf(small).ingest.replicas).toBe(3)
  })

  it('never takes less for more of anything', () => {
    const size = double({ min: 0.1, max: 1e5, noNaN: true })
    assert(
      property(size, integer({ min: 1, max: 1e6 }), size, (messages, channels, more) => {
        const less = at(messages, channels)
        const busier = at(messages + more, channels + 1)
        expect(busier.dollars.total).toBeGreaterThanOrEqual(less.dollars.total)
        expect(busier.ingest.replicas).toBeGreaterThanOrEqual(less.ingest.replicas)
        expect(busier.store.bytesKept).toBeGreaterThanOrEqual(less.store.bytesKept)
      }),
    )
  })

  it('gives a replica the time that the others need to join its share', () => {
    const { ingest } = capacityOf(loadOf(twitch))
    const shareOfEach = 200_000 / ingest.replicas / (ingest.replicas - 1)
    expect(ingest.handoverSeconds).toBe(Math.ceil(shareOfEach / 2))
  })

  it('goes by what the services do unless told otherwise', () => {
    const ingest = readIngestConfig({})
    expect(BUILT_IN.joinsPer10s).toBe(ingest.joins.joinsMax)
    const archiver = readArchiverConfig({ OBJECT_STORE: 'file:///objects' })
    expect(BUILT_IN.sealRecordsMax).toBe(archiver.limits.recordsMax)
    expect(BUILT_IN.sealPeriodSeconds * 1000).toBe(archiver.limits.periodMs)
    expect(BUILT_IN.trimGraceSeconds * 1000).toBe(archiver.trimGraceMs)
    expect(BUILT_IN.reconcileSeconds * 1000).toBe(archiver.reconcileIntervalMs)
  })
})

describe('loadOf', () => {
  it('says which option is wrong', () => {
    const wrong = [
      { messagesPerSecond: 'many' },
      { channels: '1.5' },
      { shards: '0' },
      { replication: '9' },
      { pricePut: '' },
      { retentionHoursHot: '-1' },
    ]
    for (const options of wrong) {
      expect(() => loadOf({ ...twitch, ...options })).toThrow(/^--[a-z-]+: ".*" is no /)
    }
  })
})

function at(messages: number, channels: number) {
  const options = { messagesPerSecond: `${messages}`, channels: `${channels}` }
  return capacityOf(loadOf({ ...twitch, ...options }))
}
