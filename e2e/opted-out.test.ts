import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { compactNow, importRecords, readJobConfig, sealNow } from '@poglog/archiver'
import { openHotStore } from '@poglog/hot-store'
import type { HotStore } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import { createFooterCache, recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { openObjectStore } from '@poglog/object-store'
import {
  createApp,
  createEvents,
  Gate,
  PageBoundsCache,
  READ_LIMITS,
  startServer,
} from '@poglog/query-api'
import type { QueryApp } from '@poglog/query-api'
import { createLogger } from '@poglog/service-kit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

const LEAVER = { id: '777001', login: 'leaver_nick', word: 'leaverword' }
const STAYER = { id: '888002', login: 'stayer_nick', word: 'stayerword' }
const SHOWN = { id: '999010', login: 'shown_chan', word: 'shownword' }
const GONE = { id: '999011', login: 'gone_chan', word: 'goneword' }
/** Nothing of these may be in any answer. */
const SECRETS = [LEAVER.id, LEAVER.login, LEAVER.word, 'LeaverName', GONE.id, GONE.login, GONE.word]

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NOW_MS = Date.now()
/** In a month that is over, so that it is folded; the leaver was the only one who spoke on the first of these days. */
const OLD_MS = Date.UTC(
  new Date(NOW_MS).getUTCFullYear(),
  new Date(NOW_MS).getUTCMonth() - 2,
  3,
  12,
)
/** Neither folded nor hot. */
const COLD_MS = NOW_MS - 5 * HOUR_MS
const HOT_MS = NOW_MS - HOUR_MS

const without = (lines: readonly string[]): string[] => lines.filter((line) => !isAbout(line))
const isAbout = (line: string): boolean => SECRETS.some((secret) => line.includes(secret))

/** Every kind of line by and about both users in both channels, at the time of each place where lines may lie. */
function linesAt(sentAtMs: number): string[] {
  return [SHOWN, GONE].flatMap((channel, at) =>
    [LEAVER, STAYER].flatMap((user, index) =>
      talk(channel, user, sentAtMs + at * 10_000 + index * 1000),
    ),
  )
}

let numbers = 0
function uuid(): string {
  numbers += 1
  return `00000000-0000-4000-8000-${numbers.toString(16).padStart(12, '0')}`
}

function talk(channel: typeof SHOWN, user: typeof LEAVER, sentAtMs: number): string[] {
  const name = user === LEAVER ? 'LeaverName' : 'StayerName'
  const at = (ms: number): string => `room-id=${channel.id};tmi-sent-ts=${sentAtMs + ms}`
  const from = `:${user.login}!${user.login}@${user.login}.tmi.twitch.tv`
  const said = (ms: number, text: string): string =>
    `@badges=;display-name=${name};id=${uuid()};${at(ms)};user-id=${user.id} ${from} PRIVMSG #${channel.login} :${text}`
  return [
    said(1, `Pog ${user.word} ${channel.word}`),
    said(2, 'Pog pog LUL'),
    `@display-name=${name};id=${uuid()};login=${user.login};msg-id=resub;system-msg=Again!;${at(3)};user-id=${user.id} :tmi.twitch.tv USERNOTICE #${channel.login} :Pog`,
    `@ban-duration=10;${at(4)};target-user-id=${user.id} :tmi.twitch.tv CLEARCHAT #${channel.login} :${user.login}`,
  ]
}

function recordOf(line: string, receivedAtMs = 0): LogRecord {
  const record = recordFromLine(line, { receivedAtMs })
  if (record === undefined) throw new Error('a made-up line is no record')
  return record
}

interface Poglog extends AsyncDisposable {
  readonly hot: HotStore
  readonly app: QueryApp
  /** Where it listens: a stream needs a socket. */
  readonly url: string
}

/** A whole log with these lines in every place: folded, compacted, sealed and hot; as archiver and ingest bring them there. */
async function logOf(lines: Record<'old' | 'cold' | 'hot', readonly string[]>): Promise<Poglog> {
  await using opening = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'opted-out-'))
  opening.defer(() => rm(dir, { recursive: true, force: true }))
  const redis = await startRedisServer({ dir: join(dir, 'redis') })
  opening.defer(() => redis.stop())
  const store = `file://${join(dir, 'objects')}`
  const hot = await openHotStore({ url: redis.url, shards: 2 })
  opening.defer(() => hot.close())
  const settings = readJobConfig({ REDIS_URL: redis.url, OBJECT_STORE: store, SHARDS: '2' })
  await importRecords({
    settings,
    records: (async function* () {
      yield lines.old.map((line) => recordOf(line))
    })(),
  })
  await compactNow({ settings })
  await append(hot, lines.cold)
  await sealNow({ settings })
  await append(hot, lines.hot)
  await learn(hot, [...lines.old, ...lines.hot])
  const cold = await openObjectStore({ url: store })
  opening.defer(() => cold.close())
  const events = createEvents(createLogger({ name: 'test', level: 'silent' }))
  const app = createApp({
    hot,
    cold,
    events,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: READ_LIMITS,
    onEqualKeys: events.equalKeys,
    gate: new Gate(64),
    ready: { hot: () => hot.ping() },
  })
  const server = opening.use(await startServer(app, { port: 0, host: '127.0.0.1' }))
  const resources = opening.move()
  return { hot, app, url: server.url, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

async function append(hot: HotStore, lines: readonly string[]): Promise<void> {
  for (const [shard, group] of Map.groupBy(lines, (line) =>
    hot.shardOf(recordOf(line).channelId),
  )) {
    await hot.append(
      shard,
      group.map((line) => recordOf(line)),
    )
  }
}

/** As ingest learns them from the lines. */
async function learn(hot: HotStore, lines: readonly string[]): Promise<void> {
  for (const { login, id } of [SHOWN, GONE, LEAVER, STAYER]) {
    if (!lines.some((line) => line.includes(login))) continue
    await hot.names.learn([{ login, id, seenAtMs: OLD_MS }])
    if (login.endsWith('_chan')) {
      await hot.registry.add([login])
      await hot.registry.setId(login, id)
    }
  }
}

/** How far a month of a few lines is archived; folds are in hidden.test.ts of the query API. */
const PLACES = ['by-channel day', 'by-channel hour', 'by-user run', 'hot', 'words day']

const opened = new AsyncDisposableStack()
let log: Poglog
/** The same without anything of who opts out. */
let twin: Poglog

beforeAll(async () => {
  const alone = talk(SHOWN, LEAVER, OLD_MS - DAY_MS)
  const lines = {
    old: [...alone, ...linesAt(OLD_MS)],
    cold: linesAt(COLD_MS),
    hot: linesAt(HOT_MS),
  }
  log = opened.use(await logOf(lines))
  twin = opened.use(
    await logOf({ old: without(lines.old), cold: without(lines.cold), hot: without(lines.hot) }),
  )
}, 120_000)
afterAll(async () => {
  await opened.disposeAsync()
})

/** What a route is asked: what must not change for others, and what is of who has opted out. */
interface Requests {
  readonly shown: readonly string[]
  readonly refused: readonly string[]
}

/** How a route is asked, by itself or by its last part that is no parameter. One that is not named is asked as it is. */
const RANGE = `from=${OLD_MS - 5 * DAY_MS}&to=${NOW_MS + DAY_MS}`
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  logs: [
    '?limit=1000',
    '?order=asc&format=text',
    '?format=raw&type=PRIVMSG,CLEARCHAT,USERNOTICE',
    '?format=ndjson&q=pog',
  ],
  words: ['?word=Pog', '?word=pog&match=ci&by=user', '?word=LUL&by=hour'],
  '/user/:user/words': ['?word=Pog', '?word=pog&match=ci'],
  activity: ['', '?by=hour'],
  '/channels': ['', `?prefix=${GONE.login}`],
  '/user/:user/activity': ['', `?by=hour&channel=${SHOWN.id}`],
  top: [`?${RANGE}`, `?${RANGE}&match=ci&limit=1000`],
  search: ['?q=pog&json=1', '?q=pog'],
  coverage: [`?${RANGE}`],
  random: ['?json=1', ''],
  'recent-messages': ['', '?hide_moderated_messages=true', '?clearchatToNotice=true'],
  rm: [''],
}
/** Answers that differ from one time to the next: only what must not be in them is looked for. */
const VARIES = new Set(['random', 'metrics', 'openapi.json', 'coverage', 'live'])

function requestsOf(pattern: string): Requests {
  const parts = pattern.split('/').slice(1)
  const last = parts.findLast((part) => !part.startsWith(':')) ?? ''
  if (pattern === '/list') return listRequests()
  const queries = QUERIES[pattern] ?? QUERIES[last] ?? ['']
  const withQueries = (path: string): string[] => queries.map((query) => path + query)
  const shown = filled(parts, { channel: SHOWN, user: STAYER })
  const refused = [
    ...(pattern.includes(':user') ? filled(parts, { channel: SHOWN, user: LEAVER }) : []),
    ...(/:channel|:login/.test(pattern) ? filled(parts, { channel: GONE, user: STAYER }) : []),
  ].flatMap(withQueries)
  if (/^\/channel\/:channel\/(?:logs|words|stats|activity)$/.test(pattern)) {
    const own = (queries[0] ?? '') === '' ? '?' : `${queries[0] ?? ''}&`
    const users = [LEAVER.id, LEAVER.login]
    refused.push(...shown.flatMap((path) => users.map((user) => `${path}${own}user=${user}`)))
  }
  return { shown: shown.flatMap(withQueries), refused }
}

const listRequests = (): Requests => ({
  shown: [`?channel=${SHOWN.login}`, `?channelid=${SHOWN.id}&userid=${STAYER.id}`].map(
    (query) => `/list${query}`,
  ),
  refused: [
    `?channel=${SHOWN.login}&user=${LEAVER.login}`,
    `?channelid=${SHOWN.id}&userid=${LEAVER.id}`,
    `?channel=${GONE.login}`,
    `?channelid=${GONE.id}&userid=${STAYER.id}`,
  ].map((query) => `/list${query}`),
})

/** The paths that a route's pattern stands for, by login and by id. A parameter that is not known here is for whoever adds it. */
function filled(
  parts: readonly string[],
  { channel, user }: { readonly channel: typeof SHOWN; readonly user: typeof LEAVER },
): string[] {
  const date = new Date(OLD_MS)
  const values = (part: string, before: string | undefined): readonly string[] => {
    switch (part) {
      case ':channel':
        return before === 'channelid'
          ? [channel.id]
          : before === 'channel'
            ? [channel.login]
            : [channel.id]
      case ':login':
        return [channel.login]
      case ':user':
        return before === 'user' ? [user.login] : [user.id]
      case ':year':
        return [String(date.getUTCFullYear())]
      case ':month':
        return [String(date.getUTCMonth() + 1)]
      case ':day':
        return [String(date.getUTCDate())]
      default:
        if (part.startsWith(':')) throw new Error(`say in this test what ${part} is`)
        return [part]
    }
  }
  let paths = ['']
  for (const [at, part] of parts.entries()) {
    const found = values(part, parts[at - 1])
    paths = paths.flatMap((path) => found.map((value) => `${path}/${value}`))
  }
  return paths
}

/** What anybody may ask for. Admins see who has opted out; that they may is their matter. */
function publicRoutes(app: QueryApp): string[] {
  const routed = app.routes.flatMap(({ method, path }) =>
    method === 'GET' && !path.includes('*') && !path.startsWith('/admin') ? [path] : [],
  )
  return [...new Set(routed)].toSorted()
}

/** Live tails look every second who has opted out; whoever asks anew is told at once. */
const LIVE_LOOK_MS = 1500
const STREAM_TRIES = 40
const STREAM_WAIT_MS = 500

const docSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })

async function answerOf({ url }: Poglog, path: string) {
  const end = new AbortController()
  const response = await fetch(url + path, { redirect: 'manual', signal: end.signal })
  const location = response.headers.get('location') ?? ''
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream ? await streamed(response, path) : await response.text()
  end.abort()
  return { status: response.status, body: `${location}${text}` }
}

/** What a stream without an end shows while all of them talk, until somebody is heard who talks last. */
async function streamed(response: Response, path: string): Promise<string> {
  const awaited =
    path.includes(LEAVER.login) || path.includes(LEAVER.id) ? LEAVER.word : STAYER.word
  let text = ''
  const end = new AbortController()
  const reading = (async () => {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      if (end.signal.aborted || text.includes(awaited)) break
    }
    end.abort()
  })()
  for (let tries = 0; tries < STREAM_TRIES && !end.signal.aborted; tries += 1) {
    const lines = [
      ...talk(SHOWN, LEAVER, Date.now()),
      ...talk(GONE, STAYER, Date.now()),
      ...talk(SHOWN, STAYER, Date.now()),
    ]
    await append(log.hot, lines)
    await append(twin.hot, without(lines))
    await delay(STREAM_WAIT_MS)
  }
  end.abort()
  await reading
  return text
}

/** Without the times at which each of two logs got its lines, or was asked. */
const settled = (text: string): string =>
  text.replaceAll(/"receivedAt":"[^"]*"/g, '').replaceAll(/rm-received-ts=\d+/g, '')

async function optOut(isOut: boolean): Promise<void> {
  await log.hot.optOuts.set({ kind: 'users', id: LEAVER.id, isOut })
  await log.hot.optOuts.set({ kind: 'channels', id: GONE.id, isOut })
}

describe('who has opted out', () => {
  it('lies everywhere in the log (so that the test below means something)', async () => {
    const { hot } = log
    const places = new Set<string>()
    for (const shard of [0, 1]) {
      for (const { projection, level } of await hot.manifest(shard))
        places.add(`${projection} ${level}`)
      if ((await hot.state(shard)).hotRecords > 0) places.add('hot')
    }
    for (const { projection, level } of (await hot.usersView()).folds) {
      places.add(`${projection} ${level}`)
    }
    expect([...places].toSorted()).toEqual(PLACES)
  })

  it('is on every route before (so that the test can fail), and on none afterwards (P1)', async () => {
    await optOut(false)
    const routes = publicRoutes(log.app)
    const described = docSchema.parse(await (await log.app.request('/openapi.json')).json())
    for (const [path, methods] of Object.entries(described.paths)) {
      if (!('get' in methods) || path.startsWith('/admin')) continue
      expect(routes).toContain(path.replaceAll(/\{(\w+)\}/g, ':$1'))
    }
    const requests = new Map(routes.map((route) => [route, requestsOf(route)]))
    const silent: string[] = []
    for (const [route, { shown, refused }] of requests) {
      const asked = [...shown, ...refused]
      const before = await Promise.all(asked.map((path) => answerOf(log, path)))
      const failed = asked.filter((_, at) => (before[at]?.status ?? 500) >= 400)
      expect([route, failed]).toEqual([route, []])
      if (!before.some(({ body }) => isAbout(body))) silent.push(route)
    }
    // These say nothing of anybody, or only how much was said.
    expect(silent.filter((route) => refusesOf(requests.get(route)) > 0)).toEqual(KNOWN_SILENT)

    await optOut(true)
    await delay(LIVE_LOOK_MS)

    for (const [route, { shown, refused }] of requests) {
      const isFixed = !VARIES.has(route.split('/').findLast((part) => !part.startsWith(':')) ?? '')
      for (const path of refused) {
        const { status } = await answerOf(log, path)
        expect([path, status]).toEqual([path, 403])
      }
      for (const path of shown) {
        const answer = await answerOf(log, path)
        expect([path, SECRETS.filter((secret) => answer.body.includes(secret))]).toEqual([path, []])
        const other = await answerOf(twin, path)
        expect([path, answer.status]).toEqual([path, other.status])
        const [own, others] = isFixed ? [settled(answer.body), settled(other.body)] : ['', '']
        expect([path, own]).toEqual([path, others])
      }
    }
  }, 120_000)
})

const refusesOf = (requests: Requests | undefined): number => requests?.refused.length ?? 0
const KNOWN_SILENT: readonly string[] = ['/list']
