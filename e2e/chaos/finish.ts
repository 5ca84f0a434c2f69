import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runJob } from './run-job.ts'
import type { Asker } from './ask/asker.ts'
import type { Question } from './ask/questions.ts'
import type { Line } from './checker/book.ts'
import { fetchAnswer } from './ask/fetch-answer.ts'
import { readGaps } from './ask/read-gaps.ts'
import { checkGaps, joined } from './checker/gaps.ts'
import type { Gap, GapRules } from './checker/gaps.ts'
import type { Violation } from './checker/violation.ts'
import { lackingOf } from './whole.ts'
import type { World } from './world/world.ts'

const REST_MS_MAX = 150_000
const LAST_LINES_MS = 20_000
const POLL_MS = 250
const LOOKS = 4
/** A replica counts as dead after ten seconds; then another has to join. The chat server is up to 120 ms late. */
const GAP_RULES: GapRules = { gapMsMax: 15_000, lateMs: 150 }
const JOB_MS_MAX = 120_000
const ATTEMPTS_MAX = 3
const TOP_WORDS = 3
const SAMPLE_EVERY = 40
/** Questions at once. */
const ASKERS = 4

/** Waits until all is well again and says what is not. Chat goes on meanwhile. */
export async function heal(world: World): Promise<Violation[]> {
  const { s3Faults, ingests } = world
  s3Faults.heal()
  s3Faults.setLatency(0)
  for (const { network } of ingests) network.mode = 'pass'
  const deadlineMs = performance.now() + REST_MS_MAX
  let lacking: string | undefined = 'not looked yet'
  for (let looks = 0; looks < LOOKS;) {
    lacking = await lackingOf(world)
    looks = lacking === undefined ? looks + 1 : 0
    if (performance.now() > deadlineMs) break
    await sleep(POLL_MS)
  }
  return lacking === undefined ? [] : [{ kind: 'stuck', detail: lacking }]
}

/** Ends the chat and waits for its last lines. Returns the lines that were never stored. */
export async function collect(world: World): Promise<Line[]> {
  const { book, chat } = world
  book.isExpecting = false
  const lost = (): Line[] =>
    book.all.filter((line) => line.isExpected && line.ackedAt === Number.POSITIVE_INFINITY)
  chat.quiet()
  const deadlineMs = performance.now() + LAST_LINES_MS
  while (lost().length > 0 && performance.now() < deadlineMs) await sleep(POLL_MS)
  return lost()
}

/** What was lost, and what the ledger tells of it. */
export interface Losses {
  readonly lost: readonly Line[]
  readonly gaps: ReadonlyMap<string, readonly Gap[]>
  readonly violations: readonly Violation[]
}

/**
 * With two replicas a channel nothing may be lost; with one, only in short gaps that the ledger tells.
 *
 * @param since the time from which on nothing was to be lost without being told.
 */
export async function judgeLosses(
  world: World,
  lost: readonly Line[],
  since: number,
): Promise<Losses> {
  const { apis, book, options } = world
  const gaps = new Map<string, readonly Gap[]>()
  const range = { fromMs: since, toMs: book.all.at(-1)?.sentAtMs ?? since + 1 }
  for (const [index, channelId] of book.channels.entries()) {
    const api = apis[index % apis.length]?.spec.url ?? ''
    const found = joined(await readGaps(api, channelId, range))
    gaps.set(channelId, found)
    if (found.length > 0) await keepLedger(api, channelId, join(options.folder, 'ledger'))
  }
  if (options.replication === 1) {
    return { lost, gaps, violations: checkGaps(lost, gaps, GAP_RULES) }
  }
  const detail = 'sent, never stored'
  return { lost, gaps, violations: lost.map(({ raw }) => ({ kind: 'lost', detail, raw })) }
}

/** What ingest wrote of its own presence: it says why a gap is told. */
async function keepLedger(api: string, channelId: string, folder: string): Promise<void> {
  const query = 'type=PRESENCE,GAP&order=asc&format=raw'
  const fetched = await fetchAnswer(`${api}/channel/${channelId}/logs?${query}`)
  await mkdir(folder, { recursive: true })
  const text = fetched.kind === 'answer' ? fetched.body : fetched.why
  await writeFile(join(folder, `${channelId}.txt`), text)
}

/**
 * Seals everything and asks for all of it; compacts and folds it, and asks again. Nothing is sent any more, so every
 * answer is known exactly but for what was sent before the fleet was whole for the first time.
 */
export async function askForAll(world: World, asker: Asker): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const job of ['seal', 'fold'] as const) {
    let isDone = false
    for (let attempt = 0; attempt < ATTEMPTS_MAX && !isDone; attempt += 1) {
      isDone = await runJob(job, JOB_MS_MAX, world)
    }
    if (!isDone) violations.push({ kind: 'stuck', detail: `cannot ${job} at the end` })
    const questions = [...lastQuestions(world)]
    // Before all is compacted an answer takes a look at many segments: some will do.
    const isSample = ({ question: { route } }: Put, index: number): boolean =>
      (route === ROUTES.channels && index % 4 === 0) || index % SAMPLE_EVERY === 0
    await putAll(job === 'seal' ? questions.filter(isSample) : questions, asker)
  }
  return violations
}

async function putAll(questions: readonly Put[], asker: Asker): Promise<void> {
  const left = [...questions]
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      await asker.put(next.api, next.question)
    }
  }
  await Promise.all(Array.from({ length: ASKERS }, worker))
}

const ROUTES = {
  channels: 'at the end: channels',
  counts: 'at the end: counts',
  users: 'at the end: users',
} as const

interface Put {
  readonly api: string
  readonly question: Question
}

/** Every channel of every API, every user, and counts of all channels. */
function* lastQuestions({ book, apis }: World): Generator<Put> {
  const urls = apis.map(({ spec }) => spec.url)
  for (const [index, channelId] of book.channels.entries()) {
    const path = `/channel/${channelId}/logs`
    const question = { channelId, order: 'asc' } as const
    const logs = { path, question, format: 'raw' } as const
    for (const api of urls) yield { api, question: { route: ROUTES.channels, logs } }
    const api = urls[index % urls.length] ?? ''
    const about = { subject: channelId, of: 'channel', question: { channelId } } as const
    const words = mostSaid(book.lines({ channelId })).map(
      (word) => ({ kind: 'word', word, match: 'ci', by: 'user' }) as const,
    )
    for (const count of [{ kind: 'stats' }, { kind: 'top', match: 'exact' }, ...words] as const) {
      yield { api, question: { route: ROUTES.counts, counts: { ...about, count } } }
    }
  }
  for (const [index, userId] of book.users.entries()) {
    const path = `/user/${userId}/logs`
    const question = { userId, order: 'desc' } as const
    const logs = { path, question, format: 'raw' } as const
    const api = urls[index % urls.length] ?? ''
    yield { api, question: { route: ROUTES.users, logs } }
  }
}

function mostSaid(lines: readonly Line[]): string[] {
  const counts = new Map<string, number>()
  for (const word of lines.flatMap((line) => line.words ?? [])) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const sorted = [...counts].toSorted(([, left], [, right]) => right - left)
  return sorted.slice(0, TOP_WORDS).map(([word]) => word)
}
