import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import getPort from 'get-port'
import { generatedChannels, startChatSim } from '@poglog/chat-sim'
import type { ChatSim } from '@poglog/chat-sim'
import { startFaultProxy, startRadosgw } from '@poglog/object-store/testing'
import type { FaultProxy, Radosgw } from '@poglog/object-store/testing'
import { Book } from '../checker/book.ts'
import { LineReader } from '../checker/line.ts'
import type { History } from '../history.ts'
import { Tailer } from '../tailer.ts'
import { Part, ROOT } from './part.ts'
import type { PartSpec } from './part.ts'
import { startClusteredRedis, startSingleRedis } from './redis.ts'
import type { RedisUnit } from './redis.ts'
import { TcpProxy } from './tcp-proxy.ts'

const BUCKET = 'poglog-chaos'
const INGESTS = 3
const ARCHIVERS = 2
const APIS = 2
/** Few enough that users say many things, so that their answers are worth checking. */
const CHATTERS = 200

export interface WorldOptions {
  readonly folder: string
  readonly seed: number
  readonly replication: number
  /** Redis is a cluster of three nodes. */
  readonly isCluster: boolean
  readonly channels: number
  readonly messagesPerSecond: number
  readonly history: History
  /** Another version of poglog, as a folder with its packages installed, which all parts start with. */
  readonly oldRoot: string | undefined
}

/** An ingest replica, and the network between it and Twitch. */
export interface IngestPart {
  readonly part: Part
  readonly network: TcpProxy
  /** As the chat server sees it. */
  readonly address: string
}

/** All that runs, as real processes, and what was sent. */
export interface World extends AsyncDisposable {
  readonly book: Book
  readonly chat: ChatSim
  readonly redis: RedisUnit
  readonly s3: Radosgw
  readonly s3Faults: FaultProxy
  readonly ingests: readonly IngestPart[]
  readonly archivers: readonly Part[]
  readonly apis: readonly Part[]
  readonly tailer: Tailer
  /** Channel id -> login. */
  readonly logins: ReadonlyMap<string, string>
  /** What a job of the archiver takes from the environment. */
  readonly jobEnv: Readonly<Record<string, string>>
  readonly options: WorldOptions
}

const SEAL_PERIOD_MS = 6000
/** Fields of log lines that tell of a rare path when they are not 0. */
const COUNTED_FIELDS = ['known', 'equal']
/** Longer than the longest query, but for those of an API that was frozen: they must start over or fail. */
const GRACE_MS = 12_000
const SHARDS = 4
const READY_MS_MAX = 90_000

export async function startWorld(options: WorldOptions): Promise<World> {
  const { folder, seed, channels, history } = options
  await using opened = new AsyncDisposableStack()
  await mkdir(join(folder, 'logs'), { recursive: true })
  const redis = opened.use(
    await (options.isCluster ? startClusteredRedis(folder) : startSingleRedis(folder)),
  )
  const s3 = await startRadosgw({ dir: join(folder, 's3'), store: 'bluestore' })
  opened.defer(() => s3.stop())
  await s3.createBucket(BUCKET)
  const s3Faults = await startFaultProxy({ target: s3.endpoint })
  opened.defer(() => s3Faults.stop())

  const rooms = generatedChannels({ seed, channels })
  const book = new Book()
  const reader = new LineReader(new Map(rooms.map(({ login, roomId }) => [login, roomId])))
  const chat = await startChatSim({
    source: {
      kind: 'generate',
      seed,
      channels,
      chatters: CHATTERS,
      messagesPerSecond: options.messagesPerSecond,
      onLine: (line) => {
        const facts = reader.read(line)
        if (facts !== undefined) book.send(facts)
      },
    },
  })
  opened.defer(() => chat.stop())
  const channelIds = rooms.map(({ roomId }) => roomId)
  const tailer = await Tailer.open({
    redisUrl: redis.url,
    shards: SHARDS,
    channelIds,
    book,
    history,
  })
  opened.defer(() => tailer.stop())

  const jobEnv = {
    REDIS_URL: redis.url,
    SHARDS: String(SHARDS),
    OBJECT_STORE: `s3://${BUCKET}/log`,
    S3_ENDPOINT: s3Faults.endpoint,
    S3_REGION: 'us-east-1',
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    WORK_DIR: folder,
  }
  const logins = rooms.map(({ login }) => login)
  const started = { options, jobEnv, opened }
  const apis = await Promise.all(numbers(APIS).map((number) => startApi(number, started)))
  const archivers = await Promise.all(
    numbers(ARCHIVERS).map((number) => startArchiver(number, started)),
  )
  const ingests = await Promise.all(
    numbers(INGESTS).map((number) => startIngest(number, { logins, chat }, started)),
  )
  const resources = opened.move()
  return {
    book,
    chat,
    redis,
    s3,
    s3Faults,
    ingests,
    archivers,
    apis,
    tailer,
    jobEnv,
    options,
    logins: new Map(rooms.map(({ login, roomId }) => [roomId, login])),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

interface Started {
  readonly options: WorldOptions
  readonly jobEnv: Readonly<Record<string, string>>
  readonly opened: AsyncDisposableStack
}

async function startApi(number: number, started: Started): Promise<Part> {
  const port = await getPort({ host: '127.0.0.1' })
  return startPart(started, {
    name: `api-${number}`,
    script: 'services/query-api/src/main.ts',
    // The checker asks all the time, from one address.
    env: {
      ...started.jobEnv,
      PORT: String(port),
      RATE_LIMIT_PER_MINUTE: '0',
      STREAMS_PER_ADDRESS: '0',
    },
    url: `http://127.0.0.1:${port}`,
  })
}

async function startArchiver(number: number, started: Started): Promise<Part> {
  const port = await getPort({ host: '127.0.0.1' })
  return startPart(started, {
    name: `archiver-${number}`,
    script: 'services/archiver/src/main.ts',
    env: {
      ...started.jobEnv,
      HEALTH_PORT: String(port),
      SEAL_PERIOD_MS: String(SEAL_PERIOD_MS),
      RECONCILE_INTERVAL_MS: '500',
      TRIM_GRACE_MS: String(GRACE_MS),
      REMOVED_GRACE_MS: String(GRACE_MS),
      SWEEP_GRACE_MS: String(GRACE_MS),
      SWEEP_INTERVAL_MS: '5000',
      CLEAN_INTERVAL_MS: '3000',
    },
    url: `http://127.0.0.1:${port}`,
  })
}

async function startIngest(
  number: number,
  { logins, chat }: { readonly logins: readonly string[]; readonly chat: ChatSim },
  started: Started,
): Promise<IngestPart> {
  const { options, jobEnv, opened } = started
  const name = `ingest-${number}`
  const address = `127.0.0.${10 + number}`
  const targetPort = Number(new URL(chat.url).port)
  const network = await TcpProxy.start({ targetPort, localAddress: address })
  opened.defer(() => network.stop())
  const port = await getPort({ host: '127.0.0.1' })
  const part = startPart(started, {
    name,
    script: 'services/ingest/src/main.ts',
    env: {
      REDIS_URL: jobEnv['REDIS_URL'] ?? '',
      SHARDS: String(SHARDS),
      TWITCH_URL: `ws://127.0.0.1:${network.port}`,
      CHANNELS: logins.join(','),
      SPOOL_DIR: join(options.folder, 'spool', name),
      HEALTH_PORT: String(port),
      REPLICA_ID: name,
      REPLICATION: String(options.replication),
      JOINS_PER_10S: '1000',
    },
    url: `http://127.0.0.1:${port}`,
  })
  return { part, network, address }
}

function startPart(
  { options: { folder, history, oldRoot }, opened }: Started,
  what: Pick<PartSpec, 'name' | 'script' | 'env' | 'url'>,
): Part {
  const part = new Part({
    ...what,
    root: oldRoot ?? ROOT,
    logFile: join(folder, 'logs', `${what.name}.log`),
    onLog: (line) => {
      const kind = what.name.replace(/-\d+$/, '')
      history.heard(`${kind}: ${line.msg}`)
      for (const field of COUNTED_FIELDS) {
        if (Number(line[field] ?? 0) > 0)
          history.heard(`${kind}: ${line.msg}, ${field} records left out`)
      }
    },
    onCrash: (code) => {
      history.violated([{ kind: 'crash', detail: `${what.name} ended by itself: ${code}` }], {})
    },
  })
  part.start()
  opened.defer(() => part.stop())
  return part
}

/** Waits until every part says that it is ready. @throws {Error} that names one that is not. */
export async function untilReady({ ingests, archivers, apis }: World): Promise<void> {
  const deadlineMs = performance.now() + READY_MS_MAX
  for (const part of [...apis, ...archivers, ...ingests.map((each) => each.part)]) {
    while (!(await part.isReady())) {
      if (performance.now() > deadlineMs) throw new Error(`not ready: see ${part.spec.logFile}`)
      await sleep(100)
    }
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
