import { HotStoreError } from '@poglog/hot-store'
import { ObjectStoreError } from '@poglog/object-store'
import { createLogger, createMetrics } from '@poglog/service-kit'
import { describe, expect, it } from 'vitest'
import { createEvents } from './events.ts'

const SEGMENT = {
  number: 1,
  key: 'by-channel/x',
  sizeBytes: 4096,
  projection: 'by-channel',
  level: 'hour',
  arrivalFromMs: 0,
  arrivalToMs: 1,
  sentMinMs: 0,
  sentMaxMs: 1,
  records: 20,
  digest: '0'.repeat(32),
} as const

describe('the archiver events', () => {
  it('count what was sealed', async () => {
    const { events, metrics } = setup()
    const window = {
      kind: 'moved',
      boundaryMs: 1,
      entries: 23,
      equal: 2,
      known: 1,
      erased: 0,
    } as const
    events.moved(0, { ...window, segment: SEGMENT }, 1500)
    events.moved(0, { ...window, segment: undefined }, 10)
    expect(await metrics()).toEqual(
      expect.arrayContaining([
        'test_segments_total 1',
        'test_windows_total 2',
        'test_records_total 20',
        'test_segment_bytes_total 4096',
        'test_equal_records_total 4',
      ]),
    )
  })

  it('tell what is hot, and nothing old where nothing is', async () => {
    const { events, metrics } = setup()
    events.observed(0, { hotRecords: 20, hotBytes: 9000, lagMs: 90_000 })
    events.observed(1, { hotRecords: 0, hotBytes: 0, lagMs: 90_000 })
    events.scriptTime(12.5)
    events.scriptTime(0.5)
    expect(await metrics()).toEqual(
      expect.arrayContaining([
        'test_hot_records{shard="0"} 20',
        'test_hot_bytes{shard="0"} 9000',
        'test_boundary_lag_seconds{shard="0"} 90',
        'test_oldest_unsealed_seconds{shard="0"} 90',
        'test_boundary_lag_seconds{shard="1"} 90',
        'test_oldest_unsealed_seconds{shard="1"} 0',
        'test_redis_script_seconds_total 0.5',
      ]),
    )
  })

  it('count failures by kind and say what to do', async () => {
    const { events, metrics, lines } = setup()
    events.jobFailed('seal', new ObjectStoreError('full', 'k'))
    events.jobFailed('seal', new HotStoreError('unavailable', 'away'))
    events.jobFailed('seal', new Error('a bug'))
    expect(await metrics()).toEqual(
      expect.arrayContaining([
        'test_failures_total{kind="store-full"} 1',
        'test_failures_total{kind="hot-unavailable"} 1',
        'test_failures_total{kind="other"} 1',
        'test_job_failures_total{kind="seal"} 3',
      ]),
    )
    expect(lines[0]).toContain('free space where OBJECT_STORE lies')
  })

  it('show the jobs that wait, and none of a kind of which none waits any more', async () => {
    const { events, metrics } = setup()
    events.jobsWaiting(new Map([['seal', 2]]))
    events.jobsWaiting(new Map([['trim', 1]]))
    const waiting = (await metrics()).filter((line) => line.startsWith('test_jobs_waiting'))
    expect(waiting).toHaveLength(9)
    expect(waiting.filter((line) => !line.endsWith(' 0'))).toEqual([
      'test_jobs_waiting{kind="trim"} 1',
    ])
  })

  it('show the replicas that live, and those whose gap is not written', async () => {
    const { events, metrics } = setup()
    const replica = { replica: 'a', run: '1', weight: 1, isLeaving: false, joinedMs: 0 }
    const load = { channels: 1, messagesPerSecond: 1, utilisation: 0 }
    const status = { ...replica, coveredMs: 0, load, slots: new Map() }
    const replicas = [
      { ...status, beatMs: 20_000 },
      { ...status, beatMs: 1 },
    ]
    events.fleet({ nowMs: 21_000, replicas, lostPending: 3, lostDropped: 4 })
    expect(await metrics()).toEqual(
      expect.arrayContaining([
        'test_ingest_replicas 1',
        'test_lost_replicas_pending 3',
        'test_lost_replicas_dropped 4',
      ]),
    )
  })
})

function setup() {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const metrics = createMetrics('test_')
  return {
    lines,
    events: createEvents(createLogger({ name: 'test', destination }), metrics),
    metrics: async () => (await metrics.registry.metrics()).split('\n'),
  }
}
