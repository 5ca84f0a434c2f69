import { setTimeout as sleep } from 'node:timers/promises'
import { runJob } from './run-job.ts'
import type { Asker } from './ask/asker.ts'
import type { Question } from './ask/questions.ts'
import type { Line } from './checker/book.ts'
import type { Violation } from './checker/violation.ts'
import { lackingOf } from './whole.ts'
import type { World } from './world/world.ts'

const REST_MS_MAX = 150_000
const LAST_LINES_MS = 20_000
const POLL_MS = 250
const LOOKS = 4
const JOB_MS_MAX = 120_000
const ATTEMPTS_MAX = 3
const TOP_WORDS = 5
const USERS_SEALED = 30
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
    // Before all is compacted a user's answer takes a look at many segments: some will do.
    await askAll(world, asker, job === 'seal' ? USERS_SEALED : Number.POSITIVE_INFINITY)
  }
  return violations
}

async function askAll(world: World, asker: Asker, usersMax: number): Promise<void> {
  const questions = [...lastQuestions(world, usersMax)]
  const worker = async (): Promise<void> => {
    for (let next = questions.pop(); next !== undefined; next = questions.pop()) {
      await asker.put(next.api, next.question)
    }
  }
  await Promise.all(Array.from({ length: ASKERS }, worker))
}

interface Put {
  readonly api: string
  readonly question: Question
}

/** Every channel of every API, users, and counts of all channels. */
function* lastQuestions({ book, apis }: World, usersMax: number): Generator<Put> {
  const urls = apis.map(({ spec }) => spec.url)
  for (const [index, channelId] of book.channels.entries()) {
    const path = `/channel/${channelId}/logs`
    const question = { channelId, order: 'asc' } as const
    const logs = { path, question, format: 'raw' } as const
    for (const api of urls) yield { api, question: { route: 'at the end: channels', logs } }
    const api = urls[index % urls.length] ?? ''
    const about = { subject: channelId, of: 'channel', question: { channelId } } as const
    const words = mostSaid(book.lines({ channelId })).map(
      (word) => ({ kind: 'word', word, match: 'ci', by: 'user' }) as const,
    )
    for (const count of [{ kind: 'stats' }, { kind: 'top', match: 'exact' }, ...words] as const) {
      yield { api, question: { route: 'at the end: counts', counts: { ...about, count } } }
    }
  }
  for (const [index, userId] of book.users.slice(0, usersMax).entries()) {
    const path = `/user/${userId}/logs`
    const question = { userId, order: 'desc' } as const
    const logs = { path, question, format: 'raw' } as const
    const api = urls[index % urls.length] ?? ''
    yield { api, question: { route: 'at the end: users', logs } }
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
