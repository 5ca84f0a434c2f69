import { createMetrics, startHealthServer } from '@poglog/service-kit'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../../src/steps.ts'
import {
  READERS,
  environmentOf,
  secretsOf,
  serviceOf,
  settingNames,
} from '../support/kubernetes/environment.ts'
import { renderOverlays } from '../support/kubernetes/objects.ts'
import { containerOf, isPoglog, workloadsOf } from '../support/kubernetes/workloads.ts'

/** What ingest takes beyond the hand-over to bring all lines to Redis or to disk; then the process ends itself. */
const FLUSH_MS_MAX = 10_000
/** What the API takes to let running answers end, and any service to stop. */
const STOP_MS_MAX = 10_000

const pods = renderOverlays().flatMap((manifest) =>
  workloadsOf(manifest)
    .filter(isPoglog)
    .map((workload) => ({
      title: `${manifest.name} ${workload.metadata.name}`,
      manifest,
      workload,
      pod: workload.spec.template.spec,
      container: containerOf(workload),
      service: serviceOf(workload),
      env: environmentOf(workload, manifest),
    })),
)

describe.each(pods)('$title', ({ manifest, workload, pod, container, service, env }) => {
  it('has only settings that its service has', () => {
    const known = settingNames(service)
    expect(Object.keys(env).filter((name) => !known.includes(name))).toEqual([])
  })

  it('has settings that its service takes', () => {
    expect(() => READERS[service](env)).not.toThrow()
  })

  it('listens where the cluster reaches it, at the port that it names', () => {
    expect(env['HOST']).toBe('0.0.0.0')
    const port = service === 'query-api' ? env['PORT'] : env['HEALTH_PORT']
    expect(container.ports.map(({ containerPort }) => String(containerPort))).toEqual([port])
  })

  it('is told where Redis and the store are', () => {
    expect(env['REDIS_URL']).toMatch(/^rediss?:\/\//)
    const store = service === 'ingest' ? [] : [env['OBJECT_STORE']]
    expect(store.filter((url) => !/^(s3|file):/.test(url ?? ''))).toEqual([])
  })

  it('writes only to volumes', () => {
    const mounts = container.volumeMounts.map(({ mountPath }) => mountPath)
    const folders = {
      ingest: [env['SPOOL_DIR']],
      archiver: [env['WORK_DIR']],
      'query-api': [],
    }[service]
    const store = env['OBJECT_STORE']?.startsWith('file://') ? [env['OBJECT_STORE'].slice(7)] : []
    expect(mounts).toEqual(expect.arrayContaining([...folders, ...store]))
  })

  it('reads files of secrets that are there', () => {
    for (const { name, secret } of pod.volumes) {
      if (secret === undefined) continue
      const { mountPath } = container.volumeMounts.find((mount) => mount.name === name) ?? {}
      const { stringData } =
        secretsOf(manifest).find(({ metadata }) => metadata.name === secret.secretName) ?? {}
      const files = Object.keys(stringData ?? {}).map((key) => `${mountPath}/${key}`)
      expect(files.some((file) => Object.values(env).includes(file))).toBe(true)
    }
  })

  it('is asked by its probes for what it answers', async () => {
    const paths = [container.startupProbe, container.readinessProbe, container.livenessProbe].map(
      (probe) => probe?.httpGet?.path,
    )
    expect(paths).toEqual(['/healthz', '/readyz', '/healthz'])
    for (const path of paths) expect(await isAnswered(service, path ?? '')).toBe(true)
  })

  it('has the time that its service takes to stop', () => {
    const graceMs = (pod.terminationGracePeriodSeconds ?? 30) * 1000
    const sleepMs = (container.lifecycle?.preStop.sleep.seconds ?? 0) * 1000
    const stopMs =
      service === 'ingest' ? READERS.ingest(env).handoverMsMax + FLUSH_MS_MAX : STOP_MS_MAX
    expect(graceMs).toBeGreaterThanOrEqual(sleepMs + stopMs + 10_000)
  })

  it('finds its spool again under its own name', () => {
    if (service !== 'ingest') return
    const { spec, kind } = workload
    expect({ ...spec, kind }).toMatchObject({
      kind: 'StatefulSet',
      podManagementPolicy: 'Parallel',
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [{ metadata: { name: 'spool' } }],
    })
    expect(container.env.find(({ name }) => name === 'REPLICA_ID')?.valueFrom).toEqual({
      fieldRef: { fieldPath: 'metadata.name' },
    })
    const [, gib] =
      /^(\d+)Gi$/.exec(spec.volumeClaimTemplates[0]?.spec.resources.requests.storage ?? '') ?? []
    expect(Number(gib) * 2 ** 30).toBeGreaterThan(Number(env['SPOOL_BYTES_MAX']))
  })

  it('is told by an argument which service to be, and is the user of the image', () => {
    const { runAsUser, runAsGroup } = pod.securityContext ?? {}
    expect(imageFile('Dockerfile')).toContain(`\nUSER ${runAsUser}:${runAsGroup}\n`)
    expect(imageFile('entrypoint.sh')).toMatch(
      new RegExp(`^ +([a-z-]+ \\| )*${service}( \\| [a-z-]+)*\\)$`, 'm'),
    )
  })
})

const imageFile = (name: string): string => readFileSync(join(ROOT, 'infra', name), 'utf8')

/** Ingest and archiver have the health server; of the API the routes are looked for in its source. */
async function isAnswered(service: keyof typeof READERS, path: string): Promise<boolean> {
  if (service !== 'query-api') {
    const { registry } = createMetrics('poglog_test_')
    await using server = await startHealthServer({
      port: 0,
      host: '127.0.0.1',
      ready: {},
      registry,
    })
    return (await fetch(`${server.url}${path}`)).ok
  }
  const sources = readdirSync(join(ROOT, 'services/query-api/src/routes'))
    .filter((name) => !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(ROOT, 'services/query-api/src/routes', name), 'utf8'))
  return sources.some((text) => text.includes(`'${path}'`))
}
