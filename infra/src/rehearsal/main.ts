/**
 * Builds the image's tree from infra/Dockerfile without a container engine and runs the services from it: every step is
 * carried out in an overlay over this machine, then each process is started as the image's user, without privileges and
 * with a read-only root, against a real Redis, a folder store and a chat server. Needs Linux and root (mounts).
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChatSim } from '@poglog/chat-sim'
import getPort from 'get-port'
import { ensureProgram } from '../install.ts'
import { ROOT } from '../steps.ts'
import { buildImage } from './build-image.ts'
import { Containers, untilOk, type Container } from './containers.ts'
import { runHere } from './stage.ts'

const GRACE_MS = { ingest: 45_000, archiver: 30_000, 'query-api': 30_000 } as const
const HEARD_MS = 5000

if (process.env['POGLOG_REHEARSAL'] === undefined) process.exitCode = inMountsOfItsOwn()
else await rehearse(process.env['POGLOG_REHEARSAL'])

/** Mounts made there are gone with the process, however it ends. */
function inMountsOfItsOwn(): number {
  const dir = mkdtempSync(join(tmpdir(), 'poglog-image-'))
  try {
    const script = [import.meta.filename, ...process.argv.slice(2)]
    const { status } = spawnSync('unshare', ['--mount', process.execPath, ...script], {
      env: { ...process.env, POGLOG_REHEARSAL: dir },
      stdio: 'inherit',
    })
    return status ?? 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function rehearse(dir: string): Promise<void> {
  runHere('mount', ['-t', 'tmpfs', 'tmpfs', dir])
  const { stage, config } = buildImage(join(ROOT, 'infra/Dockerfile'), dir)
  runHere('du', ['-sh', '--exclude=proc', stage.inside('/opt/poglog')])
  stage.seal([config.volume, '/tmp'], config.user)

  ensureProgram('redis-server')
  const port = await getPort()
  const apiPort = await getPort()
  const redisDir = join(dir, 'redis')
  mkdirSync(redisDir)
  const redis = spawn('redis-server', ['--port', `${port}`, '--dir', redisDir, '--save', ''])
  const chat = await startChatSim({
    source: { kind: 'generate', seed: 1, channels: 5, messagesPerSecond: 50 },
  })
  const containers = new Containers(stage, config, {
    REDIS_URL: `redis://127.0.0.1:${port}`,
    OBJECT_STORE: `file://${config.volume}/objects`,
    TWITCH_URL: chat.url,
    CHANNELS: chat.channels.join(','),
    REPLICA_ID: 'rehearsal-0',
    PORT: `${apiPort}`,
    LOG_LEVEL: 'warn',
  })
  try {
    await checkServices(containers, { apiPort, channel: chat.channels[0] ?? '' })
  } finally {
    redis.kill('SIGTERM')
    await chat.stop()
  }
}

async function checkServices(
  containers: Containers,
  { apiPort, channel }: { readonly apiPort: number; readonly channel: string },
): Promise<void> {
  check('the tree is read-only', (await containers.exec(['touch', '/opt/poglog/x'])).code !== 0)
  check('an unknown command is refused', (await containers.run(['nonsense'])).code === 64)
  const started: Record<keyof typeof GRACE_MS, Container> = {
    archiver: await startReady(containers, 'archiver'),
    'query-api': await startReady(containers, 'query-api', apiPort),
    ingest: await startReady(containers, 'ingest'),
  }
  await sleep(HEARD_MS)
  const api = `http://127.0.0.1:${apiPort}`
  const answer = await fetch(`${api}/channel/${channel}/logs?format=raw&limit=10`)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '')
  check(`${lines.length} lines of #${channel} come back over the API`, lines.length > 0)
  const page = await fetch(api, { headers: { accept: 'text/html' } })
  check('the page is served', page.ok && (await page.text()).includes('<script'))
  check('its documentation is served', (await fetch(`${api}/docs`)).ok)
  for (const command of ['seal', 'verify', 'compact']) {
    const { code, output } = await containers.run(['poglog', command])
    check(`poglog ${command}: ${output.trim().split('\n').at(-1)}`, code === 0)
  }
  for (const name of ['ingest', 'query-api', 'archiver'] as const) {
    const { code, tookMs } = await started[name].stop()
    check(
      `${name} ends with ${code} ${tookMs} ms after SIGTERM`,
      code === 0 && tookMs < GRACE_MS[name],
    )
  }
}

async function startReady(
  containers: Containers,
  name: keyof typeof GRACE_MS,
  apiPort?: number,
): Promise<Container> {
  const port = apiPort ?? (await getPort())
  const env = { HEALTH_PORT: `${port}` }
  const startedMs = performance.now()
  const container = containers.start([name], env)
  await untilOk(`http://127.0.0.1:${port}/readyz`)
  check(`${name} is ready after ${Math.round(performance.now() - startedMs)} ms`, true)
  const health = await containers.exec(['node', '/opt/poglog/infra/src/healthcheck.ts'], env)
  check(`the health check of ${name} is content`, health.code === 0)
  return container
}

function check(what: string, isSo: boolean): void {
  console.log(`${isSo ? 'ok  ' : 'FAIL'}  ${what}`)
  if (!isSo) process.exitCode = 1
}
