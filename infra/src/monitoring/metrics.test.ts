import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../steps.ts'
import { metricTable } from './metric-table.ts'
import { registeredMetrics } from './registered.ts'

const OF_POGLOG = /^poglog_(ingest|archiver|query)_[a-z][a-z0-9_]*$/
/** Prometheus gives these to every series itself, and renames ours. */
const TAKEN_LABELS = new Set(['job', 'instance', 'le', 'quantile'])
/** What there is any number of would make any number of series. */
const UNBOUNDED_LABELS = /channel|user|login|key|path|address|message|replica|^id$|_id$/
const NOT_BASE_UNITS = /_(ms|milliseconds|minutes|hours|kb|mb|mib|percent|share)(_|$)/

const services = Object.entries(registeredMetrics()).map(([service, metrics]) => ({
  service,
  metrics: metrics.filter(({ name }) => name.startsWith('poglog_')),
}))
const all = services.flatMap(({ metrics }) => metrics)

describe('the metrics', () => {
  it('are all in docs/metrics.md', async () => {
    const tables = services.map(
      ({ service, metrics }) => `## ${service}\n\n${metricTable(metrics)}\n`,
    )
    await expect([INTRODUCTION, ...tables].join('\n')).toMatchFileSnapshot(
      join(ROOT, 'docs/metrics.md'),
    )
  })

  it('have the names that Prometheus asks for', () => {
    expect(all.map(({ name }) => name).filter((name) => !OF_POGLOG.test(name))).toEqual([])
    expect(
      all.filter(({ name, type }) => (type === 'counter') !== name.endsWith('_total')),
    ).toEqual([])
    expect(
      all.filter(({ name, type }) => type === 'histogram' && !/_(seconds|requests)$/.test(name)),
    ).toEqual([])
    expect(all.filter(({ name }) => NOT_BASE_UNITS.test(name))).toEqual([])
  })

  it('have only labels with few values', () => {
    const wrong = all.filter(({ labelNames }) =>
      labelNames.some((label) => TAKEN_LABELS.has(label) || UNBOUNDED_LABELS.test(label)),
    )
    expect(wrong).toEqual([])
  })
})

const INTRODUCTION = `# Metrics

What each process shows under \`/metrics\`, in Prometheus' text format: ingest and archiver at \`HEALTH_PORT\`, the API at
\`PORT\`. Beside these every process shows what Node and the system know of it (\`process_*\`, \`nodejs_*\`).

- Units are seconds and bytes, and stand in the names. \`_total\` only rises, until the process starts again.
- A label has a small set of values that the code knows. \`shard\` has as many as there are shards, \`route\` is a route's
  pattern. No label is ever a channel, a user or a key.
- Where several processes see the same thing (all archivers see the same Redis), take the \`max\` of theirs, not the sum.

This page is made from the code: \`npx vitest run --project unit infra/src/monitoring -u\`.
[The rules](../infra/prometheus/rules.yaml) make alerts of them, [the dashboard](../infra/grafana/dashboard.json) shows them.
`
