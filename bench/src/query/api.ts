import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import getPort from 'get-port'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.resolve('@poglog/query-api')))
const START_MS_MAX = 30_000
const POLL_MS = 50
/** What Linux tells processor time in. */
const CLOCK_TICK_MS = 10

/** A query API in a process of its own. */
export interface Api extends AsyncDisposable {
  readonly url: string
  /** The most memory it has had since it started, in MiB. */
  peakMib(): Promise<number>
  /** The memory it has now, in MiB. */
  memoryMib(): Promise<number>
  /** Processor time it has taken since it started, in ms; in steps of ten. */
  cpuMs(): Promise<number>
}

/**
 * Starts the query API as it is started in production.
 *
 * @param env where Redis and the object store are.
 * @throws Error when it does not become ready.
 */
export async function startApi(env: Readonly<Record<string, string>>): Promise<Api> {
  const port = await getPort({ host: '127.0.0.1' })
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      LOG_LEVEL: 'warn',
      HOST: '127.0.0.1',
      PORT: String(port),
      RATE_LIMIT_PER_MINUTE: '0',
      STREAMS_PER_ADDRESS: '0',
      ...env,
    },
  })
  const endWithUs = (): boolean => child.kill()
  process.once('exit', endWithUs)
  const url = `http://127.0.0.1:${port}`
  await untilReady(`${url}/readyz`, child)
  return {
    url,
    peakMib: async () => await memoryOf(child, 'VmHWM'),
    memoryMib: async () => await memoryOf(child, 'VmRSS'),
    cpuMs: async () => cpuOf(await readFile(`/proc/${child.pid}/stat`, 'utf8')),
    async [Symbol.asyncDispose]() {
      process.removeListener('exit', endWithUs)
      if (child.exitCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}

async function memoryOf({ pid }: ChildProcess, field: 'VmHWM' | 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024
}

/** The 14th and 15th field, counted behind the name, which is in brackets. */
function cpuOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const endMs = performance.now() + START_MS_MAX
  while (performance.now() < endMs) {
    if (child.exitCode !== null) throw new Error(`the API ended with ${child.exitCode}`)
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return
    await sleep(POLL_MS)
  }
  child.kill()
  throw new Error('the API does not become ready')
}
