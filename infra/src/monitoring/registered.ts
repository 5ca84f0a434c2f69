import { createEvents as createArchiverEvents } from '@poglog/archiver/events'
import { createEvents as createIngestEvents } from '@poglog/ingest/events'
import { measureStatus } from '@poglog/ingest/status-metrics'
import { createEvents as createQueryEvents } from '@poglog/query-api/events'
import { createLogger, createMetrics, diskMetrics } from '@poglog/service-kit'
import type { Metrics } from '@poglog/service-kit'
import { z } from 'zod'

const metricSchema = z.object({
  name: z.string(),
  help: z.string(),
  type: z.enum(['counter', 'gauge', 'histogram', 'summary']),
  labelNames: z.array(z.string()),
})

/** A metric as the code registers it. */
export type RegisteredMetric = z.output<typeof metricSchema>

/** All metrics that the three services register at their start, by service, each in the order of names. */
export function registeredMetrics(): Readonly<Record<string, readonly RegisteredMetric[]>> {
  const log = createLogger({ name: 'metrics', level: 'silent' })
  const ingest = createMetrics('poglog_ingest_')
  createIngestEvents(log, ingest)
  const config = { spoolDir: '.', spoolBytesMax: 0 }
  measureStatus(neverAsked, { metrics: ingest, config })
  const archiver = createMetrics('poglog_archiver_')
  createArchiverEvents(log, archiver)
  diskMetrics(archiver, { name: 'work', dir: { path: '.', setting: 'WORK_DIR' } })
  return {
    ingest: metricsOf(ingest.registry),
    archiver: metricsOf(archiver.registry),
    'query-api': metricsOf(createQueryEvents(log).registry),
  }
}

function metricsOf(registry: Metrics['registry']): RegisteredMetric[] {
  const metrics: readonly unknown[] = registry.getMetricsAsArray()
  return metrics
    .map((metric) => metricSchema.parse(metric))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function neverAsked(): never {
  throw new Error('only what is registered is looked at, nothing is measured')
}
