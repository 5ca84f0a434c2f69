import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../src/steps.ts'

const run = promisify(execFile)
const FOLDER = join(ROOT, 'infra/prometheus')

/** `npm test` installs promtool; without it these fail. */
describe('the rules of Prometheus', () => {
  it('are rules', async () => {
    const { stdout } = await run('promtool', ['check', 'rules', join(FOLDER, 'rules.yaml')])
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/)
  })

  it('fire on what their tests show, and on nothing in health', async () => {
    const { stdout } = await run('promtool', ['test', 'rules', join(FOLDER, 'rules.test.yaml')])
    expect(stdout).toContain('SUCCESS')
  })

  it('are scraped for by a configuration that Prometheus takes', async () => {
    const config = ['check', 'config', '--syntax-only', join(FOLDER, 'prometheus.yaml')]
    expect((await run('promtool', config)).stdout).toContain('SUCCESS')
  })
})
