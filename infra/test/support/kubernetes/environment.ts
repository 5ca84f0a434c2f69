import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig as readArchiverConfig } from '@poglog/archiver/config'
import { readConfig as readIngestConfig } from '@poglog/ingest/config'
import { readConfig as readQueryApiConfig } from '@poglog/query-api/config'
import { z } from 'zod'
import { ROOT } from '../../../src/steps.ts'
import { ofKind, readExamples } from './objects.ts'
import type { Manifest } from './objects.ts'
import { containerOf } from './workloads.ts'
import type { Workload } from './workloads.ts'

/** What reads the settings of each service. */
export const READERS = {
  ingest: readIngestConfig,
  archiver: readArchiverConfig,
  'query-api': readQueryApiConfig,
} as const

/** Variables that others read: Node and the AWS SDK. */
const OF_OTHERS = ['NODE_OPTIONS', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
/** What a pod knows of itself, by the path of the field. */
const FIELDS: Readonly<Record<string, string>> = {
  'metadata.name': 'ingest-0',
  'status.hostIP': '192.0.2.1',
}

const configMap = z.object({
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()),
})
const secret = z.object({
  metadata: z.object({ name: z.string() }),
  stringData: z.record(z.string(), z.string()).default({}),
  data: z.record(z.string(), z.string()).default({}),
})

/** The service that a container runs, by its arguments. */
export function serviceOf(workload: Workload): keyof typeof READERS {
  const [name, ...others] = containerOf(workload).args
  const service = z.enum(['ingest', 'archiver', 'query-api']).parse(name)
  if (others.length > 0) throw new Error(`unknown arguments of ${service}: ${others.join(' ')}`)
  return service
}

/** The environment of a workload's container. Secrets are those of the manifest, or of the examples. */
export function environmentOf(workload: Workload, manifest: Manifest): Record<string, string> {
  const { env, envFrom } = containerOf(workload)
  const maps = ofKind(manifest, { kind: 'ConfigMap', schema: configMap })
  const values: Record<string, string> = {}
  for (const { configMapRef } of envFrom) {
    const map = maps.find(({ metadata }) => metadata.name === configMapRef.name)
    if (map === undefined) throw new Error(`no ConfigMap ${configMapRef.name}`)
    Object.assign(values, map.data)
  }
  for (const { name, value, valueFrom } of env) {
    const path = valueFrom?.fieldRef?.fieldPath
    const found =
      value ??
      (path === undefined ? undefined : FIELDS[path]) ??
      secretValue(manifest, valueFrom?.secretKeyRef)
    if (found !== undefined) values[name] = found
    else if (valueFrom?.secretKeyRef?.optional !== true) throw new Error(`${name} has no value`)
  }
  return values
}

function secretValue(
  manifest: Manifest,
  ref: { readonly name: string; readonly key: string } | undefined,
): string | undefined {
  if (ref === undefined) return undefined
  const found = secretsOf(manifest).find(({ metadata }) => metadata.name === ref.name)
  const encoded = found?.data[ref.key]
  return found?.stringData[ref.key] ?? (encoded && Buffer.from(encoded, 'base64').toString())
}

/** The secrets of a manifest, and of the examples those that it has not. */
export function secretsOf(manifest: Manifest): readonly z.output<typeof secret>[] {
  return [manifest, ...readExamples()].flatMap((each) =>
    ofKind(each, { kind: 'Secret', schema: secret }),
  )
}

/** The names of all settings that a service has, and of those that others read. */
export function settingNames(service: keyof typeof READERS): readonly string[] {
  const config = source(`services/${service}/src/config.ts`)
  const common = source('libs/service-kit/src/common-settings.ts')
  const shared = common
    .split('export const ')
    .filter((part) => config.includes(`...${part.split(' ', 1)[0]}`))
  return [config, ...shared].flatMap(namesIn).concat(OF_OTHERS)
}

const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^\s+([A-Z][A-Z0-9_]+): /gm)].flatMap(([, name]) => name ?? [])

const source = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
