import type { UserFacts } from '../archive/schemas.ts'
import { atMost } from '../bench.ts'
import type { Row } from '../bench.ts'
import { medianOf } from '../parser/race.ts'
import type { Peer, Questions } from './questions.ts'

const ROUNDS_MIN = 5
const ROUNDS_MAX = 41
const ROUNDS_MS = 12_000
/** A contestant who needs so long is asked once: it is not close. */
const SLOW_MS = 3000

/** A question to all contestants, with the right answer of each. */
interface Contest {
  readonly name: string
  readonly ask: (peer: Peer) => Promise<number>
  readonly expected: (peer: Peer) => number
  /** How many times DuckDB's time ours may be. */
  readonly timesDuckDB: number
}

/**
 * Asks everyone the same questions over files on this disk, in turns, and compares medians.
 *
 * @throws Error when an answer is wrong.
 */
export async function racePeers(peers: readonly Peer[], questions: Questions): Promise<Row[]> {
  const rows: Row[] = []
  for (const contest of contestsOf(questions)) rows.push(...(await raceOne(contest, peers)))
  return rows
}

function contestsOf({ facts }: Questions): Contest[] {
  return [
    ...userContests("a user's", facts.regular),
    ...userContests("a busy user's", facts.busy),
    {
      name: 'on disk, a channel day as text',
      ask: async (peer) => await peer.channelDay(),
      expected: ({ name }) => facts.day.shown - (name === 'justlog' ? facts.day.deletions : 0),
      timesDuckDB: 2,
    },
    ...facts.words.map(({ word, count }) => ({
      name: `on disk, ${word} over the month (${count})`,
      ask: async (peer: Peer) => await peer.word(word),
      expected: () => count,
      timesDuckDB: 1,
    })),
  ]
}

function userContests(who: string, { userId, inChannel, overall }: UserFacts): Contest[] {
  return [
    {
      name: `on disk, ${who} month in a channel (${inChannel})`,
      ask: async (peer) => await peer.userInChannel(userId),
      expected: () => inChannel,
      timesDuckDB: 1,
    },
    {
      name: `on disk, ${who} month over all channels (${overall})`,
      ask: async (peer) => await peer.userOverall(userId),
      expected: () => overall,
      timesDuckDB: 1,
    },
  ]
}

async function raceOne(contest: Contest, peers: readonly Peer[]): Promise<Row[]> {
  const times = new Map<Peer, number[]>(peers.map((peer) => [peer, []]))
  const endMs = performance.now() + ROUNDS_MS
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (round >= ROUNDS_MIN && performance.now() > endMs) break
    for (const [peer, rounds] of times) {
      if ((rounds[0] ?? 0) > SLOW_MS) continue
      const startMs = performance.now()
      const answer = await contest.ask(peer)
      rounds.push(performance.now() - startMs)
      assertRight(`${contest.name}: ${peer.name}`, answer, contest.expected(peer))
    }
  }
  // The first round warms caches up, everyone's.
  const medians = [...times].map(([peer, [first = Number.NaN, ...rounds]]) => ({
    name: peer.name,
    ms: rounds.length === 0 ? first : medianOf(rounds),
  }))
  const of = (name: string): number =>
    medians.find((median) => median.name === name)?.ms ?? Number.NaN
  return [
    ...medians.map(({ name, ms }) => ({ name: `${contest.name}: ${name}`, value: ms, unit: 'ms' })),
    atMost(contest.timesDuckDB, {
      name: `${contest.name}: poglog, times DuckDB's time`,
      value: of('poglog') / of('DuckDB'),
      unit: 'x',
    }),
  ]
}

/** @throws Error when they differ: a fast wrong answer is worth nothing. */
export function assertRight(what: string, answer: number, expected: number): void {
  if (answer !== expected) throw new Error(`wrong answer, ${what}: ${answer} and not ${expected}`)
}
