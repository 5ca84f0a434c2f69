import { createServer } from 'node:net'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import getPort from 'get-port'
import { redactUrl } from '@poglog/service-kit'
import { DataFolder } from './data-folder.ts'
import { Launcher } from './launcher.ts'
import { archiverPart, ingestPart, queryApiPart, redisPart, type Wiring } from './parts.ts'
import { Problem } from './problem.ts'
import { readyScreen, watchReplay } from './screen.ts'
import { simulatorPart, type SimulatorProgress } from './simulator.ts'
import { planStart, type StartOptions, type StartPlan } from './start-options.ts'

/** A second signal within this time is the same Ctrl-C: terminal and npm both pass it on. */
const SAME_SIGNAL_MS = 1500
const EXIT_INTERRUPTED = 130

/**
 * `npm start`: Redis, archiver, API and ingest on one machine, until a signal.
 *
 * @throws {Problem} when it cannot start or go on; everything it had started is stopped.
 */
export async function start(options: StartOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = new DataFolder(options.data)
  const { lastMode } = await folder.open()
  const plan = planStart(options, lastMode)
  await checkPort(plan)
  const wiring = wire(folder, env)
  const where = { api: apiUrl(plan), objectStore: redactUrl(wiring.objectStore) }
  const launcher = new Launcher(folder, { ...where, redisUrl: redactUrl(wiring.redisUrl) })
  const signalled = onSignal()
  try {
    const started = startParts(plan, { folder, wiring, launcher })
    const progress = await Promise.race([started, signalled])
    if (progress === 'signal') return
    await folder.rememberMode(plan.mode)
    console.log(readyScreen({ plan, folder, parts: launcher.list(), ...where }))
    if (progress !== undefined && plan.mode === 'replay') watchReplay(progress, launcher.signal)
    await Promise.race([signalled, launcher.failed])
  } finally {
    console.log('\nstopping: ingest hands over what it holds, then the rest ...')
    await launcher.stop()
    console.log('stopped.')
  }
}

interface Deps {
  readonly folder: DataFolder
  readonly wiring: Wiring
  readonly launcher: Launcher
}

/** Starts the parts so that each finds what it needs; ingest comes last, when everything can take its lines. */
async function startParts(plan: StartPlan, deps: Deps): Promise<SimulatorProgress | undefined> {
  const { folder, wiring, launcher } = deps
  if (wiring.startsRedis) await launcher.start(redisPart(folder))
  await Promise.all([
    launcher.start(await archiverPart(wiring)),
    launcher.start(queryApiPart(plan, wiring)),
  ])
  if (plan.mode === 'twitch') {
    await startIngest(plan, deps, { channels: plan.channels })
    return undefined
  }
  // A folder that was filled by a replay, started without a file: it is only read.
  if (plan.mode === 'replay' && plan.replayFile === undefined) return undefined
  const { part, progress } = simulatorPart(plan, await getPort())
  await launcher.start(part)
  const { url, channels } = await progress.listening
  await startIngest(plan, deps, { channels, twitchUrl: url })
  return progress
}

async function startIngest(
  plan: StartPlan,
  { folder, wiring, launcher }: Deps,
  source: { channels: readonly string[]; twitchUrl?: string },
): Promise<void> {
  for (let replica = 1; replica <= plan.replicas; replica += 1) {
    await launcher.start(await ingestPart(wiring, { folder, replica, ...source }))
  }
}

function wire(folder: DataFolder, env: NodeJS.ProcessEnv): Wiring {
  const redisUrl = env['REDIS_URL'] ?? `unix://${folder.inside('redis', 'redis.sock')}`
  const objectStore = env['OBJECT_STORE'] ?? pathToFileURL(folder.inside('objects')).href
  return { redisUrl, objectStore, startsRedis: env['REDIS_URL'] === undefined }
}

function apiUrl({ host, port }: StartPlan): string {
  return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`
}

/** @throws {Problem} when another program listens there, before anything is started. */
async function checkPort({ host, port }: StartPlan): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const server = createServer()
  server.once('error', (error) => {
    const why = Reflect.get(error, 'code') === 'EADDRINUSE' ? 'is in use' : `(${error.message})`
    reject(new Problem(`port ${port} on ${host} ${why}: choose another with --port`))
  })
  server.listen(port, host, () => server.close(() => resolve()))
  await promise
}

/** Resolves at the first signal; a later one ends the process at once. */
function onSignal(): Promise<'signal'> {
  const { promise, resolve } = Promise.withResolvers<'signal'>()
  let firstMs: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      firstMs ??= Date.now()
      if (Date.now() - firstMs > SAME_SIGNAL_MS) process.exit(EXIT_INTERRUPTED)
      resolve('signal')
    })
  }
  return promise
}
