import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ofKind, readExamples, renderOverlays } from '../support/kubernetes/objects.ts'
import type { Manifest } from '../support/kubernetes/objects.ts'
import { selectorSchema, selects } from '../support/kubernetes/selects.ts'
import type { Selector } from '../support/kubernetes/selects.ts'
import { containerOf, portOf, workloadsOf } from '../support/kubernetes/workloads.ts'
import type { Workload } from '../support/kubernetes/workloads.ts'

const COMPONENT = 'app.kubernetes.io/component'

const overlays = renderOverlays()

const named = z.object({ name: z.string() })
const serviceSchema = z.object({
  metadata: named,
  spec: z.object({
    externalName: z.string().optional(),
    selector: z.record(z.string(), z.string()).optional(),
    ports: z
      .array(z.object({ name: z.string(), port: z.number(), targetPort: z.string() }))
      .default([]),
  }),
})
const budgetSchema = z.object({
  metadata: named,
  spec: z.object({ maxUnavailable: z.number(), selector: selectorSchema }),
})
const peer = z.object({
  podSelector: selectorSchema.optional(),
  namespaceSelector: selectorSchema.optional(),
  ipBlock: z.object({ cidr: z.string() }).optional(),
})
const ports = z.array(z.object({ protocol: z.string(), port: z.union([z.string(), z.number()]) }))
const policySchema = z.object({
  metadata: named,
  spec: z.object({
    podSelector: selectorSchema,
    policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
    ingress: z.array(z.object({ from: z.array(peer).optional(), ports })).optional(),
    egress: z.array(z.object({ to: z.array(peer).optional(), ports })).optional(),
  }),
})
type Policy = z.output<typeof policySchema>

const monitorSchema = z.object({
  metadata: named,
  spec: z.object({
    selector: selectorSchema,
    podMetricsEndpoints: z.array(z.object({ port: z.string(), path: z.literal('/metrics') })),
  }),
})

describe.each(overlays)('$name', (manifest) => {
  const workloads = workloadsOf(manifest)
  const picked = (selector: Selector): readonly Workload[] =>
    workloads.filter(({ spec }) => selects(selector, spec.template.metadata.labels))
  const policies = ofKind(manifest, { kind: 'NetworkPolicy', schema: policySchema })

  it('has workloads that pick their own pods and no others', () => {
    for (const workload of workloads) {
      const { matchLabels } = workload.spec.selector
      expect(picked({ matchLabels, matchExpressions: [] })).toEqual([workload])
      for (const { labelSelector } of workload.spec.template.spec.topologySpreadConstraints) {
        expect(picked(selectorSchema.parse(labelSelector))).toEqual([workload])
      }
    }
  })

  it('has Services in front of one workload, with ports that it has', () => {
    for (const { metadata, spec } of servicesOf(manifest)) {
      if (spec.externalName !== undefined) continue
      const [workload, ...others] = picked({
        matchLabels: spec.selector ?? {},
        matchExpressions: [],
      })
      expect([metadata.name, others]).toEqual([workload?.metadata.name, []])
      for (const { targetPort } of spec.ports) {
        expect(workload && portOf(containerOf(workload), targetPort)).toBeGreaterThan(0)
      }
    }
  })

  it('has StatefulSets whose Service is there', () => {
    const services = servicesOf(manifest).map(({ metadata }) => metadata.name)
    const wanted = workloads.flatMap(({ spec }) => spec.serviceName ?? [])
    expect(wanted).toContain('ingest')
    expect(services).toEqual(expect.arrayContaining(wanted))
  })

  it('lets one pod at a time be evicted of each service of poglog', () => {
    const budgets = ofKind(manifest, { kind: 'PodDisruptionBudget', schema: budgetSchema })
    expect(budgets.map(({ metadata }) => metadata.name)).toEqual([
      'archiver',
      'ingest',
      'query-api',
    ])
    for (const { metadata, spec } of budgets) {
      expect(picked(spec.selector).map((workload) => workload.metadata.name)).toEqual([
        metadata.name,
      ])
      expect(spec.maxUnavailable).toBe(1)
    }
  })

  it('denies what no policy allows, to all pods and both ways', () => {
    const denial = policies.find(({ metadata }) => metadata.name === 'default-deny')
    expect(denial?.spec).toEqual({
      podSelector: { matchLabels: {}, matchExpressions: [] },
      policyTypes: ['Ingress', 'Egress'],
    })
  })

  it('has policies that pick pods, with ports that these have', () => {
    expect(policies.filter(({ spec }) => picked(spec.podSelector).length === 0)).toEqual([])
    const closed = policies.flatMap(({ metadata, spec }) =>
      portsOf(spec.ingress)
        .filter((port) => !picked(spec.podSelector).some((pod) => portOf(containerOf(pod), port)))
        .map((port) => `${metadata.name} ${port}`),
    )
    expect(closed).toEqual([])
  })

  it('has policies of the type of their rules, whose other side is there', () => {
    for (const { spec } of policies) {
      expect(spec.policyTypes).toEqual(
        expect.arrayContaining([
          ...(spec.ingress === undefined ? [] : ['Ingress']),
          ...(spec.egress === undefined ? [] : ['Egress']),
        ]),
      )
      const others = (spec.ingress ?? []).flatMap(({ from }) => from ?? [])
      const nobody = others.filter(
        ({ podSelector }) => podSelector !== undefined && picked(podSelector).length === 0,
      )
      expect(nobody).toEqual([])
    }
  })

  it('lets each service reach what it needs', () => {
    for (const component of ['ingest', 'archiver', 'query-api']) {
      expect(reachedPorts(policies, component)).toEqual(expect.arrayContaining([53, 443, 6379]))
    }
  })

  it('has monitors of pods, at a port that these have and may be asked at', () => {
    const monitors = ofKind(manifest, { kind: 'PodMonitor', schema: monitorSchema })
    const open = policies.find(({ metadata }) => metadata.name === 'allow-metrics')
    const asked = monitors.flatMap(({ spec }) =>
      picked(spec.selector).flatMap((pod) =>
        spec.podMetricsEndpoints.map(({ port }) => portOf(containerOf(pod), port)),
      ),
    )
    expect(asked.length).toBe(monitors.length)
    expect(portsOf(open?.spec.ingress)).toEqual(expect.arrayContaining(asked))
  })
})

describe('examples', () => {
  const services = overlays.flatMap(servicesOf)

  it('lead to a Service that is there, at a port that it has', () => {
    const text = JSON.stringify(readExamples())
    const api = services.find(({ metadata }) => metadata.name === 'query-api')
    expect(api?.spec.ports).toMatchObject([{ name: 'http', port: 80 }])
    expect(text).toContain('"backendRefs":[{"name":"query-api","port":80}]')
    expect(text).toContain('"service":{"name":"query-api","port":{"name":"http"}}')
  })
})

function portsOf(rules: Policy['spec']['ingress']): readonly (string | number)[] {
  return (rules ?? []).flatMap((rule) => rule.ports.map(({ port }) => port))
}

function reachedPorts(policies: readonly Policy[], component: string): readonly number[] {
  return policies
    .filter(({ spec }) => selects(spec.podSelector, { [COMPONENT]: component }))
    .flatMap(({ spec }) => spec.egress ?? [])
    .flatMap((rule) => rule.ports.map(({ port }) => Number(port)))
}

function servicesOf(manifest: Manifest): readonly z.output<typeof serviceSchema>[] {
  return ofKind(manifest, { kind: 'Service', schema: serviceSchema })
}
