import { createServer } from 'node:net'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import getPort from 'get-port'
import { redactUrl } from '@poglog/service-kit'
import { checkSettings } from './check-settings.ts'
import { DataFolder } from './data-folder.ts'
import { Launcher } from './launcher.ts'
import {
  apiUrl,
  archiverPart,
  ingestPart,
  queryApiPart,
  redisPart,
  localRedisUrl,
  type Wiring,
} from './parts.ts'
import { buildPage } from './page.ts'
import { Problem } from './problem.ts'
import { readyScreen, watchReplay } from './screen.ts'
import { simulatorPart, type SimulatorProgress } from './simulator.ts'
import { DATA_DEFAULT, DATA_DEMO, planStart } from './start-options.ts'
import type { StartOptions, StartPlan } from './start-options.ts'

/** A second signal within this time is the same Ctrl-C: terminal and npm both pass it on. */
const SAME_SIGNAL_MS = 1500
const EXIT_INTERRUPTED = 130

/**
 * `npm start`: Redis, archiver, API and ingest on one machine, until a signal.
 *
 * @throws {Problem} when it cannot start or go on; everything it had started is stopped.
 */
export async function start(options: StartOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = await chooseFolder(options)
  const plan = planStart(options, await folder.lastMode())
  const wiring = wire(folder, env)
  checkSettings({ ...env, REDIS_URL: wiring.redisUrl, OBJECT_STORE: wiring.objectStore })
  await checkPort(plan)
  buildPage()
  const where = { api: apiUrl(plan), objectStore: redactUrl(wiring.objectStore) }
  const redisUrl = redactUrl(wiring.redisUrl)
  const launcher = new Launcher(folder, await folder.claim({ ...where, redisUrl, s3: s3Of(env) }))
  const signalled = onSignal()
  try {
    const started = startParts(plan, { folder, wiring, launcher })
    const source = await Promise.race([started, signalled])
    if (source === 'signal') return
    await folder.rememberMode(plan.mode)
    const { channels, replay } = source
    console.log(readyScreen({ plan, channels, folder, parts: launcher.list(), ...where }))
    if (replay !== undefined) watchReplay(replay, launcher.signal)
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

/** Where the lines come from: Twitch, chat-sim, or nowhere when a folder is only read. */
interface Source {
  readonly channels: readonly string[]
  readonly twitchUrl?: string
  readonly replay?: SimulatorProgress
}

/** Starts Redis first and ingest last, when everything can take its lines. */
async function startParts(plan: StartPlan, deps: Deps): Promise<Source> {
  const { folder, wiring, launcher } = deps
  if (wiring.startsRedis) await launcher.start(redisPart(folder))
  const [source] = await Promise.all([
    startSource(plan, launcher),
    archiverPart(wiring).then((part) => launcher.start(part)),
    launcher.start(queryApiPart(plan, wiring)),
  ])
  const isOnlyRead = source.channels.length === 0 && plan.mode !== 'twitch'
  const replicas = isOnlyRead ? 0 : plan.replicas
  for (let replica = 1; replica <= replicas; replica += 1) {
    await launcher.start(await ingestPart(wiring, { folder, replica, ...source }))
  }
  return source
}

async function startSource(plan: StartPlan, launcher: Launcher): Promise<Source> {
  if (plan.mode === 'twitch') return { channels: plan.channels }
  // A folder that was filled by a replay, started without a file: it is only read.
  if (plan.mode === 'replay' && plan.replayFile === undefined) return { channels: [] }
  const { part, progress } = simulatorPart(plan, await getPort())
  await launcher.start(part)
  const { url, channels } = await progress.listening
  const replay = plan.mode === 'replay' ? { replay: progress } : {}
  return { channels, twitchUrl: url, ...replay }
}

/** Made-up chat and real chat never share a folder: the demo has its own where none is named. */
async function chooseFolder({ data, channels, replay }: StartOptions): Promise<DataFolder> {
  if (data !== undefined) return new DataFolder(data)
  const folder = new DataFolder(DATA_DEFAULT)
  const isDemo = channels === undefined && replay === undefined
  return isDemo && (await folder.lastMode()) === undefined ? new DataFolder(DATA_DEMO) : folder
}

function s3Of(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['S3_ENDPOINT', 'S3_REGION', 'S3_FORCE_PATH_STYLE']
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
}

function wire(folder: DataFolder, env: NodeJS.ProcessEnv): Wiring {
  const objectStore = env['OBJECT_STORE'] ?? pathToFileURL(folder.inside('objects')).href
  const url = env['REDIS_URL'] ?? localRedisUrl(folder)
  return { redisUrl: url, objectStore, startsRedis: env['REDIS_URL'] === undefined }
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
