import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { askedBy } from '../../src/monitoring/expression.ts'
import { registeredMetrics } from '../../src/monitoring/registered.ts'
import { READERS, environmentOf } from '../support/kubernetes/environment.ts'
import { ofKind, renderOverlays } from '../support/kubernetes/objects.ts'
import type { Manifest } from '../support/kubernetes/objects.ts'
import { workloadsOf } from '../support/kubernetes/workloads.ts'

const JOIN_WINDOW_MS = 10_000

const target = z.object({ kind: z.string().default('Deployment'), name: z.string() })
/** KEDA takes any field here, and reads these. */
const prometheusMetadata = z.strictObject({
  serverAddress: z.url(),
  query: z.string(),
  threshold: z.string().regex(/^\d+(\.\d+)?$/),
})
const scaledObjectSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    scaleTargetRef: target,
    minReplicaCount: z.number(),
    maxReplicaCount: z.number(),
    fallback: z.object({ replicas: z.number() }),
    triggers: z.array(
      z.object({
        type: z.literal('prometheus'),
        name: z.string(),
        metadata: prometheusMetadata,
      }),
    ),
  }),
})
const autoscalerSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    scaleTargetRef: target,
    minReplicas: z.number(),
    maxReplicas: z.number(),
    behavior: z.object({ scaleDown: z.object({ selectPolicy: z.string().optional() }) }),
  }),
})
const serviceSchema = z.object({ metadata: z.object({ name: z.string() }) })

/** What Prometheus and histograms add. */
const LABELS_OF_ALL = ['namespace', 'le']
const PARTS_OF_HISTOGRAM = ['_bucket', '_count', '_sum']

/** The labels of each metric that a query may name. */
const known = new Map(
  Object.values(registeredMetrics())
    .flat()
    .flatMap(({ name, type, labelNames }) =>
      (type === 'histogram' ? PARTS_OF_HISTOGRAM : ['']).map(
        (part) => [name + part, labelNames] as const,
      ),
    ),
)
const overlays = renderOverlays()
const triggers = overlays.flatMap((manifest) =>
  scaledObjectsOf(manifest).flatMap(({ metadata, spec }) =>
    spec.triggers.map((trigger) => ({
      title: `${manifest.name} ${metadata.name} ${trigger.name}`,
      manifest,
      ...trigger.metadata,
    })),
  ),
)

describe.each(overlays)('$name', (manifest) => {
  const workloads = workloadsOf(manifest)
  const scaled = [
    ...scaledObjectsOf(manifest).map(({ spec: { scaleTargetRef, minReplicaCount } }) => ({
      scaleTargetRef,
      replicasMin: minReplicaCount,
    })),
    ...autoscalersOf(manifest).map(({ spec: { scaleTargetRef, minReplicas } }) => ({
      scaleTargetRef,
      replicasMin: minReplicas,
    })),
  ]

  it('scales workloads that are there, whose number nothing else sets', () => {
    for (const { scaleTargetRef } of scaled) {
      const found = workloads.filter(
        ({ kind, metadata }) =>
          kind === scaleTargetRef.kind && metadata.name === scaleTargetRef.name,
      )
      expect(found.map(({ spec }) => spec.replicas)).toEqual([undefined])
    }
  })

  it('scales all services of poglog, or says how many there are', () => {
    const unknown = workloads.filter(
      ({ metadata, spec }) =>
        spec.replicas === undefined &&
        !scaled.some(({ scaleTargetRef }) => scaleTargetRef.name === metadata.name),
    )
    expect(unknown).toEqual([])
  })

  it('has as many replicas of ingest as receive each channel, and one more while one restarts', () => {
    const ingest = workloads.find(({ metadata }) => metadata.name === 'ingest')
    if (ingest === undefined) throw new Error('no ingest')
    const { replication } = READERS.ingest(environmentOf(ingest, manifest)).member
    const least = scaled.find(({ scaleTargetRef }) => scaleTargetRef.name === 'ingest')?.replicasMin
    expect(least ?? ingest.spec.replicas).toBeGreaterThanOrEqual(replication + 1)
  })

  it('keeps at least as many replicas when Prometheus is away', () => {
    for (const { spec } of scaledObjectsOf(manifest)) {
      expect(spec.fallback.replicas).toBeGreaterThanOrEqual(spec.minReplicaCount)
      expect(spec.maxReplicaCount).toBeGreaterThan(spec.fallback.replicas)
    }
  })

  it('lets no autoscaler that cannot see spools take a replica of ingest away', () => {
    const shrinking = autoscalersOf(manifest).filter(
      ({ metadata, spec }) =>
        metadata.name === 'ingest' && spec.behavior.scaleDown.selectPolicy !== 'Disabled',
    )
    expect(shrinking).toEqual([])
  })

  it('gives a replica of ingest no more channels than others can join while it hands over', () => {
    const channels = triggers.find(({ title }) => title === `${manifest.name} ingest channels`)
    const ingest = workloads.find(({ metadata }) => metadata.name === 'ingest')
    if (channels === undefined || ingest === undefined) return
    const { joins, handoverMsMax } = READERS.ingest(environmentOf(ingest, manifest))
    const joinable = (handoverMsMax / JOIN_WINDOW_MS) * joins.joinsMax
    expect(Number(channels.threshold)).toBeLessThanOrEqual(joinable)
  })
})

describe('triggers', () => {
  it('are of all three services', () => {
    const services = new Set(triggers.map(({ title }) => title.split(' ')[1]))
    expect([...services]).toEqual(['archiver', 'ingest', 'query-api'])
  })

  it.each(triggers)('name metrics and labels that there are: $title', ({ query }) => {
    const { metrics, labels, wrong } = askedBy(query)
    expect(wrong).toEqual([])
    expect(metrics).not.toEqual([])
    expect(metrics.filter((metric) => !known.has(metric))).toEqual([])
    const had = metrics.flatMap((metric) => known.get(metric) ?? [])
    expect(labels.filter((label) => ![...had, ...LABELS_OF_ALL].includes(label))).toEqual([])
  })

  it.each(triggers)('look at their own namespace only: $title', ({ query }) => {
    const selected = query.match(/poglog_\w+\{namespace="poglog"/g) ?? []
    expect(selected).toHaveLength(askedBy(query).metrics.length)
  })

  it.each(triggers)('ask a Prometheus that has a name here: $title', (trigger) => {
    const services = ofKind(trigger.manifest, { kind: 'Service', schema: serviceSchema })
    const names = services.map(({ metadata }) => `${metadata.name}.poglog.svc`)
    expect(names).toContain(new URL(trigger.serverAddress).hostname)
  })
})

function scaledObjectsOf(manifest: Manifest): readonly z.output<typeof scaledObjectSchema>[] {
  return ofKind(manifest, { kind: 'ScaledObject', schema: scaledObjectSchema })
}

function autoscalersOf(manifest: Manifest): readonly z.output<typeof autoscalerSchema>[] {
  return ofKind(manifest, { kind: 'HorizontalPodAutoscaler', schema: autoscalerSchema })
}
