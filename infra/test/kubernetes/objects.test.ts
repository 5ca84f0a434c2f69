import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ROOT } from '../../src/steps.ts'
import { checkTypes } from '../support/kubernetes/check-types.ts'
import { validate } from '../support/kubernetes/models.ts'
import { printRules, readExamples, renderOverlays } from '../support/kubernetes/objects.ts'
import type { KubernetesObject, Manifest } from '../support/kubernetes/objects.ts'

const overlays = renderOverlays()
const rules = printRules()
const manifests = [...overlays, ...readExamples(), rules]
const titled = manifests.flatMap(({ name, objects }) =>
  objects.map((object) => ({ title: `${name}: ${object.kind} ${object.metadata.name}`, object })),
)

describe('objects of Kubernetes', () => {
  it('are rendered of every overlay', () => {
    expect(overlays.map(({ name }) => name)).toEqual([
      'dev',
      'production',
      'production-hpa',
      'production-and-more',
    ])
    for (const { objects } of overlays) {
      expect(kindsOf(objects)).toMatchObject({ Namespace: 1, Deployment: 2, ServiceAccount: 3 })
    }
  })

  it.each(titled)('are complete and have values that may be: $title', ({ object }) => {
    expect(() => validate(object)).not.toThrow()
  })

  it('have no field that does not exist', () => {
    expect(checkTypes(manifests)).toBe('')
  })

  it.each([
    { field: 'replcias', value: 2 },
    { field: 'minReadySeconds', value: '5' },
  ])('are not taken with a field that does not exist, or is of another type: $field', (change) => {
    const problems = checkTypes([deploymentsWith(change)])
    expect(problems.match(/error TS/g)).toHaveLength(2)
  })

  it('have the rules of Prometheus as they are', () => {
    const text = readFileSync(join(ROOT, 'infra/prometheus/rules.yaml'), 'utf8')
    expect(rules.objects.map(({ spec }) => spec)).toEqual([parse(text)])
  })

  it('lie in the namespace of poglog', () => {
    const elsewhere = titled.filter(
      ({ object: { kind, metadata } }) => kind !== 'Namespace' && metadata.namespace !== 'poglog',
    )
    expect(elsewhere.map(({ title }) => title)).toEqual([])
  })
})

function kindsOf(objects: readonly KubernetesObject[]): Readonly<Record<string, number>> {
  const kinds: Record<string, number> = {}
  for (const { kind } of objects) kinds[kind] = (kinds[kind] ?? 0) + 1
  // Who brings a Redis along brings its account.
  return { ...kinds, ServiceAccount: Math.min(kinds['ServiceAccount'] ?? 0, 3) }
}

/** The deployments of the first overlay, with a field of their spec changed. */
function deploymentsWith({ field, value }: { field: string; value: unknown }): Manifest {
  const spec = z.record(z.string(), z.unknown())
  const objects = (overlays[0]?.objects ?? [])
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ apiVersion, kind, metadata, spec: found }) => {
      const changed: unknown = Object.assign(spec.parse(found), { [field]: value })
      return { apiVersion, kind, metadata, spec: changed }
    })
  return { name: 'broken', objects }
}
