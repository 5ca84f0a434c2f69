import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ignore from '@balena/dockerignore'
import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ROOT } from './steps.ts'

const text = readFileSync(join(ROOT, 'infra/Dockerfile'), 'utf8')
const dockerfile = DockerfileParser.parse(text)
const instructions = dockerfile.getInstructions()

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      name: z.string().optional(),
      resolved: z.string().optional(),
      link: z.boolean().optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
})
const lock = lockSchema.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')))

describe('the Dockerfile', () => {
  it('has no mistake a linter finds', () => {
    expect(validate(text)).toEqual([])
  })

  it('copies the manifest of every workspace that the services and the page need', () => {
    const copied = new Set(
      [...text.matchAll(/^COPY (\S+)\/package\.json /gm)].map((match) => match[1] ?? ''),
    )
    const needed = neededFrom([
      'services/ingest',
      'services/archiver',
      'services/query-api',
      'infra',
    ])
    needed.add('services/query-api/web')
    expect([...needed].filter((workspace) => !copied.has(workspace))).toEqual([])
  })

  it('starts from images of a fixed version and from stages of its own', () => {
    const stages = new Set(dockerfile.getFROMs().map((from) => from.getBuildStage()))
    const images = dockerfile.getFROMs().filter((from) => !stages.has(from.getImage()))
    expect(images.length).toBeGreaterThan(0)
    for (const from of images) expect(from.getImageTag()).toMatch(/^\d+\.\d+\.\d+-/)
  })

  it('runs as a user that is not root, named by number so that Kubernetes can tell', () => {
    const users = instructions.filter((each) => each.getKeyword() === 'USER')
    expect(users.at(-1)?.getArgumentsContent()).toMatch(/^[1-9]\d*:[1-9]\d*$/)
  })

  it('has a health check, an entry point, and the labels of OCI', () => {
    expect(instructions.map((each) => each.getKeyword())).toContain('HEALTHCHECK')
    expect(text).toContain('ENTRYPOINT ["/opt/poglog/infra/entrypoint.sh"]')
    for (const label of ['title', 'description', 'licenses', 'version', 'revision']) {
      expect(text).toContain(`org.opencontainers.image.${label}=`)
    }
  })
})

describe('.dockerignore', () => {
  const rules = ignore.default().add(readFileSync(join(ROOT, '.dockerignore'), 'utf8'))
  const files = globSync('{libs,services,infra,bench,e2e,docs,k8s}/**/*.*', {
    cwd: ROOT,
    exclude: (path) => path.includes('node_modules') || path.includes('.turbo'),
  })

  it('lets in every source that a service may import', () => {
    const sources = files.filter((path) => /^(?:libs|services)\/[\w-]+\/src\//.test(path))
    const needed = sources.filter(
      (path) => !/\.test\.ts$|\/testing(?:\/|\.ts$)|^libs\/chat-sim\//.test(path),
    )
    expect(needed.length).toBeGreaterThan(100)
    expect(needed.filter((path) => rules.ignores(path))).toEqual([])
  })

  it('keeps out tests, benchmarks, documents and manifests', () => {
    const left = files.filter((path) => /\.test\.ts$|\/test\/|^(?:bench|e2e|docs|k8s)\//.test(path))
    expect(left.length).toBeGreaterThan(100)
    expect(left.filter((path) => !rules.ignores(path))).toEqual([])
  })
})

/** The folders of the workspaces that some of them depend on, with themselves. Development alone does not count. */
function neededFrom(start: readonly string[]): Set<string> {
  const needed = new Set(start)
  for (const workspace of needed) {
    for (const name of Object.keys(lock.packages[workspace]?.dependencies ?? {})) {
      const found = lock.packages[`node_modules/${name}`]
      if (found?.link === true && found.resolved !== undefined) needed.add(found.resolved)
    }
  }
  return needed
}
