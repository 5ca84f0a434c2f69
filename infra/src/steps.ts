import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { z } from 'zod'

export const ROOT = resolve(import.meta.dirname, '../..')

/** Most of them wait for a disk, a clock or one thread: a second one has the core that is idle meanwhile. */
const STEPS_AT_ONCE = 2

const vitestFile = z.object({
  assertionResults: z.array(
    z.object({
      status: z.string(),
      fullName: z.string(),
      failureMessages: z.array(z.string()).default([]),
    }),
  ),
})
const vitestReport = z.object({
  numPassedTests: z.number().default(0),
  numFailedTests: z.number().default(0),
  testResults: z.array(vitestFile).default([]),
})

/** One command of the checks. It counts as one test, unless `tests` says that it is a vitest run. */
export interface Step {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly tests?: boolean
}

export interface StepResult {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
}

/** What `npm run check` does first: format, lint, package boundaries, unused code, types. */
export const CHECKS: readonly Step[] = [
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'boundaries', command: ['turbo', 'boundaries', '--no-color'] },
  { name: 'unused code', command: ['knip', '--no-progress'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'page types', command: ['tsc', '-p', 'services/query-api/web'] },
  { name: 'page tests', command: ['tsc', '-p', 'e2e/page'] },
]

/** Alone: without a second try, nothing beside them should make them late. */
export const UNIT_TESTS: readonly Step[] = [
  { name: 'unit', command: ['vitest', 'run', '--project', 'unit'], tests: true },
]

/** Every line and branch of the parser is covered. */
const PARSER_COVERAGE: Step = {
  name: 'coverage',
  command: [
    'vitest',
    'run',
    '--project',
    'unit',
    'libs/irc-parser',
    '--coverage',
    '--coverage.include=libs/irc-parser/src/**',
    '--coverage.thresholds.100',
    '--coverage.reporter=text',
    '--coverage.reportsDirectory=node_modules/.coverage',
  ],
}

/** Installs what {@link TESTS} start. */
export const PROGRAMS: Step = {
  name: 'programs',
  command: [process.execPath, 'infra/src/install-for-tests.ts'],
}

/** What `npm test` does first. Downloads and checks leave each other room. */
export const BEFORE_TESTS: readonly Step[] = [
  PROGRAMS,
  ...CHECKS,
  PARSER_COVERAGE,
  { name: 'page', command: ['turbo', 'run', 'build', '--no-color'] },
]

/** What `npm test` does at last: real Redis, real S3 server, all services as real processes. */
export const TESTS: readonly Step[] = [
  { name: 'integration', command: ['vitest', 'run', '--project', 'integration'], tests: true },
  {
    name: 'end to end',
    command: ['vitest', 'run', '--project', 'e2e', '--project', 'page'],
    tests: true,
  },
]

/** Runs steps, all of them, a few at once, and prints what failed. */
export async function runSteps(steps: readonly Step[]): Promise<readonly StepResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'poglog-steps-'))
  const left = [...steps]
  const results = new Map<Step, StepResult>()
  const runOn = async (): Promise<void> => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) {
      const result = await runStep(step, join(folder, step.name.replaceAll(' ', '-')))
      const state = result.failed === 0 ? 'ok  ' : 'FAIL'
      console.log(`${state}  ${step.name.padEnd(12)} ${result.seconds.toFixed(1).padStart(6)} s`)
      results.set(step, result)
    }
  }
  await Promise.all(Array.from({ length: STEPS_AT_ONCE }, runOn))
  return steps.flatMap((step) => results.get(step) ?? [])
}

/** Prints the tests per kind and, last, the line `N passed, N failed`. Returns the exit code. */
export function report(results: readonly StepResult[]): number {
  console.log('\nkind           passed  failed  seconds')
  for (const { name, passed, failed, seconds } of results) {
    const cells = [passed, failed, seconds.toFixed(1)].map((cell) => String(cell).padStart(8))
    console.log(`${name.padEnd(13)}${cells.join('')}`)
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const failed = results.reduce((sum, result) => sum + result.failed, 0)
  console.log(`\n${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function runStep(step: Step, file: string): Promise<StepResult> {
  const startedMs = performance.now()
  const [command, ...args] = step.command
  const jsonFile = `${file}.json`
  const extra = step.tests
    ? ['--reporter=default', '--reporter=json', `--outputFile=${jsonFile}`]
    : []
  const code = await run(command, [...args, ...extra], `${file}.log`)
  const seconds = (performance.now() - startedMs) / 1000
  if (code !== 0) console.log(tail(await readFile(`${file}.log`, 'utf8')))
  const counts = step.tests ? await countTests(jsonFile, code) : countStep(code)
  return { name: step.name, ...counts, seconds }
}

/** Runs a program of node_modules/.bin, or one named by its path, with its output in a file. */
async function run(command: string, args: readonly string[], logFile: string): Promise<number> {
  const log = createWriteStream(logFile)
  const child = spawn(resolve(ROOT, 'node_modules/.bin', command), args, {
    cwd: ROOT,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const { promise, resolve: done, reject } = Promise.withResolvers<number>()
  child.once('error', reject)
  child.once('close', (code) => done(code ?? 1))
  const code = await promise
  log.end()
  return code
}

function countStep(code: number): { passed: number; failed: number } {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** A run that found no test, or died before it could report, has failed. */
async function countTests(
  jsonFile: string,
  code: number,
): Promise<{ passed: number; failed: number }> {
  const text = await readFile(jsonFile, 'utf8').catch(() => '{}')
  const found = vitestReport.parse(JSON.parse(text))
  const { numPassedTests: passed, numFailedTests: failed, testResults } = found
  for (const { status, fullName, failureMessages } of testResults.flatMap(
    (file) => file.assertionResults,
  )) {
    if (status === 'passed' && failureMessages.length > 0) {
      console.log(`      passed at the second try only: ${fullName}\n${failureMessages.join('\n')}`)
    }
  }
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed }
}

/** The end of a long output: what went wrong stands there. */
function tail(text: string): string {
  return text.split('\n').slice(-150).join('\n')
}
