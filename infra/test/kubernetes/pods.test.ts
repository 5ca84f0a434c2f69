import { describe, expect, it } from 'vitest'
import { renderOverlays } from '../support/kubernetes/objects.ts'
import { containerOf, portOf, workloadsOf } from '../support/kubernetes/workloads.ts'

const pods = renderOverlays().flatMap((manifest) =>
  workloadsOf(manifest).map((workload) => ({
    title: `${manifest.name} ${workload.metadata.name}`,
    manifest,
    workload,
    pod: workload.spec.template.spec,
    container: containerOf(workload),
  })),
)

describe.each(pods)('$title', ({ workload, pod, container, manifest }) => {
  it('runs as nobody special, with nothing it could write but its volumes', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(pod.securityContext?.runAsUser).toBeGreaterThan(0)
    expect(pod.hostNetwork ?? pod.hostPID).toBe(undefined)
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(pod.volumes.filter(({ hostPath }) => hostPath !== undefined)).toEqual([])
  })

  it('has no key to the cluster, and no variables that Services add', () => {
    expect(pod.automountServiceAccountToken).toBe(false)
    expect(pod.enableServiceLinks).toBe(false)
    const account = manifest.objects.find(
      ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === pod.serviceAccountName,
    )
    expect(account).toMatchObject({ automountServiceAccountToken: false })
  })

  it('runs an image of a fixed version', () => {
    expect(container.image).toMatch(/^[\w./-]+:[\w.-]+$/)
    expect(container.image).not.toMatch(/:latest$/)
  })

  it('asks for what it usually takes and has a bound of memory and disk', () => {
    const { requests = {}, limits = {} } = container.resources ?? {}
    expect(Object.keys(requests)).toEqual(
      expect.arrayContaining(['cpu', 'memory', 'ephemeral-storage']),
    )
    expect(Object.keys(limits).toSorted()).toEqual(['ephemeral-storage', 'memory'])
    for (const name of ['memory', 'ephemeral-storage']) {
      expect(bytes(limits[name])).toBeGreaterThanOrEqual(bytes(requests[name]))
    }
    for (const { emptyDir } of pod.volumes) {
      if (emptyDir === undefined) continue
      expect(bytes(emptyDir.sizeLimit)).toBeLessThan(bytes(limits['ephemeral-storage']))
    }
  })

  it('leaves a quarter of its memory to what is not the heap', () => {
    const maps = manifest.objects.filter(
      ({ kind, metadata }) =>
        kind === 'ConfigMap' &&
        container.envFrom.some(({ configMapRef }) => configMapRef.name === metadata.name),
    )
    const [, heapMib] = /max-old-space-size=(\d+)/.exec(JSON.stringify(maps)) ?? []
    const limitMib = bytes(container.resources?.limits['memory']) / 2 ** 20
    expect(Number(heapMib ?? 0)).toBeLessThanOrEqual(limitMib * 0.75)
  })

  it('is started, ready and alive by probes of a port that it has', () => {
    const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe]
    const able = probes.filter(
      (probe) =>
        probe?.exec !== undefined ||
        (probe?.httpGet !== undefined && portOf(container, probe.httpGet.port) !== undefined),
    )
    expect(able).toHaveLength(3)
    // A restart is the last resort: a busy minute must not bring it about.
    const { periodSeconds = 10, failureThreshold = 3 } = container.livenessProbe ?? {}
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(60)
  })

  it('mounts only volumes that are there, and all of them', () => {
    const volumes = [
      ...pod.volumes.map(({ name }) => name),
      ...workload.spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
    ]
    expect(container.volumeMounts.map(({ name }) => name).toSorted()).toEqual(volumes.toSorted())
    for (const { persistentVolumeClaim: claim } of pod.volumes) {
      if (claim === undefined) continue
      expect(namesOf(manifest, 'PersistentVolumeClaim')).toContain(claim.claimName)
    }
  })
})

function namesOf({ objects }: (typeof pods)[number]['manifest'], kind: string): readonly string[] {
  return objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name)
}

/** A quantity of memory or disk in bytes; without one there is no bound. */
function bytes(quantity: string | number | undefined): number {
  const [, digits, unit] = /^(\d+)(Mi|Gi)$/.exec(String(quantity)) ?? []
  if (digits === undefined) throw new Error(`not a whole number of Mi or Gi: ${quantity}`)
  return Number(digits) * (unit === 'Gi' ? 2 ** 30 : 2 ** 20)
}
