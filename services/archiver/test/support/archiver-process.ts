import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const START_MS_MAX = 30_000
const WAIT_STEP_MS = 25

/** Periods short enough for a test. */
const QUICK = {
  SEAL_PERIOD_MS: '400',
  RECONCILE_INTERVAL_MS: '50',
  TRIM_GRACE_MS: '200',
  SWEEP_INTERVAL_MS: '500',
  SWEEP_GRACE_MS: '0',
  REMOVED_GRACE_MS: '200',
  CLEAN_INTERVAL_MS: '200',
}

const lineSchema = z.looseObject({ level: z.string(), msg: z.string() })
export type LogLine = z.infer<typeof lineSchema>

/** A real archiver process. */
export interface ArchiverProcess {
  readonly health: string
  readonly lines: readonly LogLine[]
  readonly exitCode: Promise<unknown>
  /** The sum of a metric over its labels. */
  metric(name: string): Promise<number>
  signal(name: NodeJS.Signals): void
  [Symbol.asyncDispose](): Promise<void>
}

export async function startArchiver(env: Record<string, string>): Promise<ArchiverProcess> {
  const { child, lines, exitCode, stderr } = spawnArchiver(env)
  const startedLine = (): LogLine | undefined => lines.find(({ msg }) => msg === 'archiver started')
  let hasEnded = false
  void exitCode.then(() => (hasEnded = true))
  await until(() => hasEnded || startedLine() !== undefined, START_MS_MAX)
  const health = z.string().safeParse(startedLine()?.['health'])
  if (!health.success) throw new Error(`archiver did not start: ${stderr()}`)
  return {
    health: health.data,
    lines,
    exitCode,
    async metric(name) {
      const text = await (await fetch(`${health.data}/metrics`)).text()
      const values = text
        .split('\n')
        .filter((line) => new RegExp(`^poglog_archiver_${name}(\\{.*\\})? `).test(line))
      return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
    signal: (name) => child.kill(name),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exitCode
    },
  }
}

/** An archiver whose start is to fail. */
export function spawnArchiver(env: Record<string, string>) {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH, NODE_COMPILE_CACHE, ...QUICK, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: LogLine[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(lineSchema.parse(JSON.parse(line)))
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const exitCode = once(child, 'close').then(([code]: unknown[]) => code)
  return { child, lines, exitCode, stderr: () => stderr }
}

/** Waits until a condition holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  for (const endsAt = Date.now() + timeoutMs; !(await condition()); await sleep(WAIT_STEP_MS)) {
    if (Date.now() > endsAt) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`)
  }
}
