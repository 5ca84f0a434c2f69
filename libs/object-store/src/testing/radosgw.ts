import getPort from 'get-port'
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { BucketAlreadyOwnedByYou, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { cephConf, type CephLayout } from './ceph-conf.ts'
import { cephTool, killDaemons, startDaemon, waitFor, type Daemon } from './ceph-processes.ts'

const READY_TIMEOUT_MS = 60_000
/** Ceph puts its admin sockets there; a socket path ends at 107 bytes. */
const DIR_LENGTH_MAX = 85
const CREDENTIALS = { accessKeyId: 'test-access-key', secretAccessKey: 'test-secret-key' }

/** A real S3 server of this process's own. */
export interface Radosgw {
  /** `http://127.0.0.1:port`; stays the same over kill and resume. */
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Makes a bucket; that it is there already is no error. */
  createBucket(name: string): Promise<void>
  /** Ends all processes at once, as a power cut would (SIGKILL). */
  kill(): Promise<void>
  /** Starts the processes again after a kill or stop. `bluestore` then has every object, `memstore` none: it fails. */
  resume(): Promise<void>
  /** The same, under the name that an end of a test has. The folder stays. */
  stop(): Promise<void>
}

/** What to start. */
export interface RadosgwSettings {
  /** An empty or new folder, absolute, of at most 85 characters. */
  readonly dir: string
  /** In memory (ready in 3 s), or in a file that survives {@link Radosgw.kill} (8 s). Default `memstore`. */
  readonly store?: 'memstore' | 'bluestore'
}

/**
 * Starts Ceph's S3 server: one monitor, one OSD, one radosgw, on free ports of the loopback. They end
 * with the process that started them.
 *
 * @throws {Error} when a program is missing (with the line to install it) or does not become ready.
 */
export async function startRadosgw(settings: RadosgwSettings): Promise<Radosgw> {
  const { dir } = settings
  if (!isAbsolute(dir)) throw new Error(`radosgw needs an absolute folder name: ${dir}`)
  if (dir.length > DIR_LENGTH_MAX) throw new Error(`radosgw needs a shorter folder name: ${dir}`)
  const [monPort, rgwPort] = await Promise.all([
    getPort({ host: '127.0.0.1' }),
    getPort({ host: '127.0.0.1' }),
  ])
  const store = settings.store ?? 'memstore'
  const layout = { dir, fsid: randomUUID(), monPort, rgwPort, store }
  await mkdir(join(dir, 'mon'), { recursive: true })
  await mkdir(join(dir, 'osd'), { recursive: true })
  await writeFile(join(dir, 'ceph.conf'), cephConf(layout))
  let daemons = await createCluster(layout)
  return {
    endpoint: `http://127.0.0.1:${rgwPort}`,
    ...CREDENTIALS,
    createBucket: async (name) => await createBucket(layout, name),
    kill: async () => await killDaemons(daemons),
    resume: async () => {
      await killDaemons(daemons)
      daemons = [startMon(layout), startOsd(layout), startRgw(layout)]
      await orKill(daemons, async () => await waitForS3(layout, daemons))
    },
    stop: async () => await killDaemons(daemons),
  }
}

async function createCluster(layout: CephLayout): Promise<Daemon[]> {
  const { dir, fsid, monPort } = layout
  const conf = confArgs(layout)
  const monmap = join(dir, 'monmap')
  const address = `[v1:127.0.0.1:${monPort}]`
  await cephTool('monmaptool', [
    '--create',
    '--clobber',
    '--fsid',
    fsid,
    '--addv',
    'a',
    address,
    monmap,
  ])
  await cephTool('ceph-mon', ['--mkfs', '-i', 'a', '--monmap', monmap, '--no-mon-config', ...conf])
  const daemons = [startMon(layout)]
  await orKill(daemons, async () => {
    const osdId = randomUUID()
    for (const mon of daemons) {
      await waitFor(
        mon,
        READY_TIMEOUT_MS,
        async () => await succeeds(['osd', 'new', osdId, ...conf]),
      )
    }
    await cephTool('ceph-osd', ['-i', '0', '--mkfs', '--osd-uuid', osdId, ...conf])
    await cephTool('ceph', [
      'osd',
      'crush',
      'add',
      'osd.0',
      '1.0',
      'host=local',
      'root=default',
      ...conf,
    ])
    daemons.push(startOsd(layout), startRgw(layout))
    await cephTool('radosgw-admin', userArgs(layout))
    await waitForS3(layout, daemons)
  })
  return daemons
}

function userArgs(layout: CephLayout): string[] {
  const { accessKeyId, secretAccessKey } = CREDENTIALS
  const keys = ['--access-key', accessKeyId, '--secret', secretAccessKey]
  return ['user', 'create', '--uid=test', '--display-name=test', ...keys, ...confArgs(layout)]
}

function startMon(layout: CephLayout): Daemon {
  const args = ['-i', 'a', '--no-mon-config', ...confArgs(layout)]
  return startDaemon('ceph-mon', args, join(layout.dir, 'mon.out'))
}

function startOsd(layout: CephLayout): Daemon {
  return startDaemon('ceph-osd', ['-i', '0', ...confArgs(layout)], join(layout.dir, 'osd.out'))
}

function startRgw(layout: CephLayout): Daemon {
  const args = ['-n', 'client.rgw', ...confArgs(layout)]
  return startDaemon('radosgw', args, join(layout.dir, 'rgw.out'))
}

function confArgs({ dir }: CephLayout): string[] {
  return ['-c', join(dir, 'ceph.conf')]
}

async function succeeds(args: readonly string[]): Promise<boolean> {
  try {
    await cephTool('ceph', ['--connect-timeout', '3', ...args])
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes('not installed')) throw error
    return false
  }
}

async function waitForS3({ rgwPort }: CephLayout, daemons: readonly Daemon[]): Promise<void> {
  for (const daemon of daemons) {
    await waitFor(
      daemon,
      READY_TIMEOUT_MS,
      async () => await answers(`http://127.0.0.1:${rgwPort}/`),
    )
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.status < 500
  } catch {
    return false // Not yet.
  }
}

async function orKill(daemons: readonly Daemon[], work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    await killDaemons(daemons)
    throw error
  }
}

async function createBucket({ rgwPort }: CephLayout, name: string): Promise<void> {
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${rgwPort}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: CREDENTIALS,
  })
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }))
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error
  } finally {
    client.destroy()
  }
}
