import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ROOT } from './steps.ts'

const workflow = z
  .object({
    permissions: z.record(z.string(), z.string()),
    jobs: z.record(
      z.string(),
      z.looseObject({
        'timeout-minutes': z.number(),
        steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
      }),
    ),
  })
  .parse(parse(readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8')))
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))

describe('the workflow of CI', () => {
  it('calls only scripts that package.json has', () => {
    const commands = steps.map((step) => step.run ?? '').join('\n')
    const called = [...commands.matchAll(/npm (?:run )?(\w[\w:]*)/g)].map((match) => match[1] ?? '')
    expect(called).toEqual(expect.arrayContaining(['check', 'test']))
    expect(called.filter((name) => name !== 'ci' && !(name in scripts))).toEqual([])
  })

  it('names the exact version of each action', () => {
    const actions = steps.flatMap((step) => step.uses ?? [])
    expect(actions.length).toBeGreaterThan(0)
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$/)
  })

  it('may only read the repository', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
  })
})
