import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import getPort from 'get-port'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

const ROOT = resolve(import.meta.dirname, '..')
const READY_MS_MAX = 60_000
const runSchema = z.object({ pid: z.number(), children: z.record(z.string(), z.number()) })

/** A poglog started the way a user starts it. */
export interface Poglog {
  readonly api: string
  readonly data: string
  /** Everything it has printed. */
  output(): string
  /** The pid of a part, as its data folder says: `redis`, `archiver`, `query-api`, `ingest-1`. */
  pidOf(part: string): Promise<number>
  /** Ends it as Ctrl-C does; resolves with the milliseconds it took. */
  stop(): Promise<number>
}

/** Runs `poglog <args>` to its end. */
export async function runPoglog(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const child = launch(args, env)
  const output = collect(child)
  const code = await ended(child)
  return { code, output: output() }
}

/** Starts `poglog start` on a free port and waits until it says where it runs. */
export async function startPoglog(options: {
  readonly data: string
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
  /** Takes what ends it when nobody has stopped it: a test that fails half-way must not leave servers behind. */
  readonly onEnd?: (end: () => Promise<void>) => void
}): Promise<Poglog> {
  const port = await getPort({ host: '127.0.0.1' })
  const args = ['start', '--port', String(port), '--data', options.data, ...(options.args ?? [])]
  const child = launch(args, options.env ?? {})
  const output = collect(child)
  const exit = ended(child)
  const onEnd = options.onEnd ?? onTestFinished
  onEnd(async () => {
    child.kill('SIGINT')
    await exit
  })
  const deadlineMs = Date.now() + READY_MS_MAX
  while (!output().includes('poglog runs at')) {
    if (child.exitCode !== null || Date.now() > deadlineMs) {
      child.kill('SIGKILL')
      throw new Error(`poglog did not start:\n${output()}`)
    }
    await sleep(50)
  }
  return {
    api: `http://127.0.0.1:${port}`,
    data: options.data,
    output,
    pidOf: (part) => pidOf(options.data, part),
    stop: async () => {
      const startedMs = Date.now()
      child.kill('SIGINT')
      await exit
      return Date.now() - startedMs
    },
  }
}

/** A folder that is gone when the test has ended. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'poglog-e2e-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Asks until `isDone` says yes, for at most `withinMs`. */
export async function eventually(isDone: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadlineMs = Date.now() + withinMs
  while (!(await isDone())) {
    if (Date.now() > deadlineMs) throw new Error(`not so within ${withinMs} ms`)
    await sleep(100)
  }
}

async function pidOf(data: string, part: string): Promise<number> {
  const run = runSchema.parse(JSON.parse(await readFile(join(data, 'run.json'), 'utf8')))
  const pid = run.children[part]
  if (pid === undefined) throw new Error(`no part is named ${part}`)
  return pid
}

/** Tests ask more often than a client may. */
const UNLIMITED = { RATE_LIMIT_PER_MINUTE: '0', STREAMS_PER_ADDRESS: '0' }

function launch(args: readonly string[], env: Record<string, string>): ChildProcess {
  const script = [join(ROOT, 'infra/run.mjs'), 'infra/src/cli.ts']
  return spawn(process.execPath, [...script, ...args], {
    cwd: ROOT,
    env: { ...process.env, INIT_CWD: ROOT, ...UNLIMITED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function collect(child: ChildProcess): () => string {
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  return () => text
}

async function ended(child: ChildProcess): Promise<number | null> {
  const { promise, resolve: done } = Promise.withResolvers<number | null>()
  child.once('close', (code) => done(code))
  return promise
}
