import type { UserFacts } from '../archive/schemas.ts'
import { atLeast, atMost } from '../bench.ts'
import type { Row } from '../bench.ts'
import { medianOf } from '../parser/race.ts'
import { startApi } from './api.ts'
import { Asker } from './ask.ts'
import type { Asked } from './ask.ts'
import type { ColdS3 } from './cold.ts'
import { PoglogClient } from './poglog.ts'
import type { Questions } from './questions.ts'
import { assertRight } from './race.ts'

/** Added to every request of the store. */
const LATENCY_MS = 20
/** Rounds with warm caches, as many as fit the time; the first of a new process run code not yet compiled. */
const ROUNDS_MIN = 5
const ROUNDS_MAX = 41
const ROUNDS_MS = 8000

const FIRST_BYTE_MS = 60
const WHOLE_MS = 150
const REQUESTS = 3
const DAY_RECORDS_PER_SECOND = 300_000
const DAY_FIRST_BYTE_MS = 100
const WORD_MS = 100
/** Half of what the archiver may have; the day's text is six times as much. */
const DAY_MEMORY_MIB = 512

interface Plan {
  readonly cold: ColdS3
  readonly redisUrl: string
  readonly questions: Questions
}

type Question = (client: PoglogClient) => Promise<Asked>

/** Answers over S3, each store request {@link LATENCY_MS} later: times of the first asking and of later ones. */
interface Measured {
  readonly coldMs: number
  readonly coldRequests: number
  readonly firstByteMs: number
  readonly wholeMs: number
  readonly requests: number
  readonly peakMib: number
}

/**
 * Asks poglog alone over S3 with latency, each question of a process that has just started and again.
 *
 * @throws Error when an answer is wrong.
 */
export async function askOverS3(plan: Plan): Promise<Row[]> {
  const { facts } = plan.questions
  plan.cold.proxy.setLatency(LATENCY_MS)
  return [
    ...(await userRows("a user's", facts.regular, plan)),
    ...(await userRows("a busy user's", facts.busy, plan)),
    ...(await dayRows(plan)),
    ...(await wordRows(plan)),
    ...(await countRows(plan)),
  ]
}

async function userRows(who: string, user: UserFacts, plan: Plan): Promise<Row[]> {
  const { userId, inChannel, overall } = user
  const rows: Row[] = []
  for (const [where, expected, ask] of [
    ['in a channel', inChannel, (client: PoglogClient) => client.userInChannel(userId)],
    ['over all channels', overall, (client: PoglogClient) => client.userOverall(userId)],
  ] as const) {
    const name = `${who} month ${where} (${expected})`
    const measured = await measure(plan, async (client) => {
      const asked = await ask(client)
      assertRight(name, asked.lines, expected)
      return asked
    })
    rows.push(
      atMost(FIRST_BYTE_MS, {
        name: `${name}: first byte`,
        value: measured.firstByteMs,
        unit: 'ms',
      }),
      atMost(WHOLE_MS, { name: `${name}: whole`, value: measured.wholeMs, unit: 'ms' }),
      atMost(REQUESTS, { name: `${name}: store requests`, value: measured.requests, unit: '' }),
      { name: `${name}: whole, just started`, value: measured.coldMs, unit: 'ms' },
      atMost(REQUESTS, {
        name: `${name}: store requests, just started`,
        value: measured.coldRequests,
        unit: '',
      }),
    )
  }
  return rows
}

async function dayRows(plan: Plan): Promise<Row[]> {
  const { shown } = plan.questions.facts.day
  const name = 'a channel day as text'
  const measured = await measure(plan, async (client) => {
    const asked = await client.channelDay()
    assertRight(name, asked.lines, shown)
    return asked
  })
  return [
    atLeast(DAY_RECORDS_PER_SECOND, {
      name: `${name} (${shown})`,
      value: (shown / measured.wholeMs) * 1000,
      unit: 'records/s',
    }),
    atMost(DAY_FIRST_BYTE_MS, {
      name: `${name}: first byte`,
      value: measured.firstByteMs,
      unit: 'ms',
    }),
    { name: `${name}: store requests`, value: measured.requests, unit: '' },
    atMost(DAY_MEMORY_MIB, { name: `${name}: peak memory`, value: measured.peakMib, unit: 'MiB' }),
  ]
}

async function wordRows(plan: Plan): Promise<Row[]> {
  const rows: Row[] = []
  for (const { word, count } of plan.questions.facts.words) {
    const name = `${word} over the month (${count})`
    const measured = await measure(plan, async (client) => {
      const asked = await client.word(word)
      assertRight(name, asked.total, count)
      return asked
    })
    rows.push(atMost(WORD_MS, { name, value: measured.wholeMs, unit: 'ms' }))
    rows.push(...costRows(name, measured))
  }
  return rows
}

async function countRows(plan: Plan): Promise<Row[]> {
  const { facts } = plan.questions
  const top = await measure(plan, async (client) => {
    const asked = await client.topWords()
    for (const [index, { word: said, count }] of asked.words.slice(0, 5).entries()) {
      assertRight(`top word ${index} ${said}`, count, facts.topWords[index]?.count ?? 0)
    }
    return asked
  })
  const stats = await measure(plan, async (client) => {
    const asked = await client.stats()
    assertRight('messages of the month', asked.messages, facts.messages)
    assertRight('chatters of the month', asked.chatters, facts.chatters)
    return asked
  })
  return [
    { name: 'top words of the month', value: top.wholeMs, unit: 'ms' },
    ...costRows('top words of the month', top),
    { name: 'stats of the month', value: stats.wholeMs, unit: 'ms' },
    ...costRows('stats of the month', stats),
  ]
}

function costRows(name: string, { requests, coldMs }: Measured): Row[] {
  return [
    { name: `${name}: store requests`, value: requests, unit: '' },
    { name: `${name}: just started`, value: coldMs, unit: 'ms' },
  ]
}

async function measure(plan: Plan, ask: Question): Promise<Measured> {
  const { cold, redisUrl, questions } = plan
  await using api = await startApi({ ...cold.env, REDIS_URL: redisUrl })
  using asker = new Asker()
  const client = new PoglogClient(api.url, asker, questions)
  cold.proxy.resetCounts()
  const first = await ask(client)
  const coldRequests = cold.proxy.requests('GET')
  const warm: Asked[] = []
  const endMs = performance.now() + ROUNDS_MS
  while (warm.length < ROUNDS_MIN || (warm.length < ROUNDS_MAX && performance.now() < endMs)) {
    cold.proxy.resetCounts()
    warm.push(await ask(client))
  }
  return {
    coldMs: first.wholeMs,
    coldRequests,
    firstByteMs: medianOf(warm.map(({ firstByteMs }) => firstByteMs)),
    wholeMs: medianOf(warm.map(({ wholeMs }) => wholeMs)),
    requests: cold.proxy.requests('GET'),
    peakMib: await api.peakMib(),
  }
}
