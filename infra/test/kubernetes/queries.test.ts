import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ofKind, renderOverlays } from '../support/kubernetes/objects.ts'
import { askPrometheus } from '../support/kubernetes/promtool.ts'

const scaledObjectSchema = z.object({
  spec: z.object({
    triggers: z.array(z.object({ name: z.string(), metadata: z.object({ query: z.string() }) })),
  }),
})
const queries = new Map(
  renderOverlays()
    .flatMap((manifest) => ofKind(manifest, { kind: 'ScaledObject', schema: scaledObjectSchema }))
    .flatMap(({ spec }) => spec.triggers)
    .map(({ name, metadata }) => [name, metadata.query]),
)

describe('what KEDA asks Prometheus', () => {
  it('adds up lines and channels of all replicas of ingest', () => {
    const series = {
      ...ofPods('poglog_ingest_messages_per_second', { '': '3000x60' }),
      ...ofPods('poglog_ingest_channels', {
        ',state="waiting"': '10x60',
        ',state="joining"': '20x60',
        ',state="joined"': '500x60',
        ',state="receiving"': '500x60',
        ',state="refused"': '7x60',
      }),
    }
    expect(
      askPrometheus(series, [answer('messages', 20, 6000), answer('channels', 20, 1060)]),
    ).toBe('')
  })

  it('keeps as many replicas as there are while one has lines in its spool', () => {
    const series = {
      'poglog_ingest_spool_bytes{namespace="poglog",pod="a"}': '4096x30 0x30',
      'poglog_ingest_spool_bytes{namespace="poglog",pod="b"}': '0x61',
      'poglog_ingest_spool_bytes{namespace="elsewhere",pod="c"}': '4096x61',
    }
    expect(askPrometheus(series, [answer('spools', 20, 2), answer('spools', 50, 0)])).toBe('')
  })

  it('counts what archivers all see once', () => {
    const series = {
      ...ofPods('poglog_archiver_jobs_waiting', {
        ',kind="seal"': '12x60',
        ',kind="fold"': '4x60',
      }),
      ...ofPods('poglog_archiver_oldest_unsealed_seconds', {
        ',shard="0"': '5000x60',
        ',shard="1"': '100x60',
        ',shard="2"': '100x60',
      }),
      ...ofPods('poglog_archiver_hot_records', {
        ',shard="0"': '400000x60',
        ',shard="1"': '400000x60',
        ',shard="2"': '10x60',
      }),
    }
    expect(
      askPrometheus(series, [answer('waiting-jobs', 20, 16), answer('late-shards', 20, 2)]),
    ).toBe('')
  })

  it('counts requests of people, and how long the slowest of twenty log queries takes', () => {
    const series = {
      ...ofPods('poglog_query_http_requests_total', {
        ',route="/healthz"': '0+600x60',
        ',route="/channels"': '0+600x60',
      }),
      ...ofPods('poglog_query_live_listeners', { '': '300x60' }),
      ...ofPods('poglog_query_first_byte_seconds_bucket', {
        ',le="1"': '0+60x30 1800x30',
        ',le="2"': '0+120x30 3600x30',
        ',le="+Inf"': '0+120x30 3600x30',
      }),
      ...ofPods('poglog_query_first_byte_seconds_count', { '': '0+120x30 3600x30' }),
    }
    const answers = [
      answer('requests', 20, 20),
      answer('live-tails', 20, 600),
      answer('latency', 20, 1.9),
      answer('latency', 59, 0),
    ]
    expect(askPrometheus(series, answers)).toBe('')
  })

  it('is answered by nothing, or 0, before anything was measured', () => {
    const none = ['late-shards', 'requests', 'latency'].map((name) => answer(name, 20, 0))
    const unknown = ['messages', 'channels', 'spools', 'waiting-jobs', 'live-tails'].map((name) =>
      answer(name, 20, undefined),
    )
    expect(none.length + unknown.length).toBe(queries.size)
    expect(askPrometheus({}, [...none, ...unknown])).toBe('')
  })
})

/** The same series of two pods. */
function ofPods(name: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    ['a', 'b'].flatMap((pod) =>
      Object.entries(values).map(([labels, each]) => [
        `${name}{namespace="poglog",pod="${pod}"${labels}}`,
        each,
      ]),
    ),
  )
}

function answer(name: string, atMinute: number, value: number | undefined) {
  const query = queries.get(name)
  if (query === undefined) throw new Error(`no trigger ${name}`)
  return { query, atMinute, value }
}
