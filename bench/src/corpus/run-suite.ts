import { goTwitchIrc, ircdocs } from './irc-suites.ts'
import { KNOWN_WRONG } from './known-wrong.ts'
import type { KnownWrong } from './known-wrong.ts'
import { readSuite } from './suite.ts'
import type { SuiteReader } from './suite.ts'
import { tmiRs } from './tmi-rs.ts'
import { twitchIrcRs } from './twitch-irc-rs.ts'

const READERS: readonly SuiteReader[] = [ircdocs, goTwitchIrc, twitchIrcRs, tmiRs]

export interface SuiteReport {
  readonly source: string
  readonly cases: number
  readonly passed: number
  /** Cases that expect what Twitch or IRCv3 does not, and what we find in them. */
  readonly wrong: readonly { readonly known: KnownWrong; readonly fault: string }[]
  readonly failures: readonly string[]
}

/**
 * Runs every case of a suite against the parser.
 *
 * A case known to be wrong has to differ: one that passes is a failure, as the list is then out of date.
 */
export function runSuite(
  json: string,
  knownWrong: readonly KnownWrong[] = KNOWN_WRONG,
): SuiteReport {
  const { source, cases } = readSuite(json)
  const reader = READERS.find((known) => known.source === source)
  if (reader === undefined) throw new Error(`no reader for the suite of ${source}`)
  const results = cases.map((testCase) => ({
    testCase,
    fault: reader.check(testCase),
    known: knownWrong.find((wrong) => wrong.source === source && wrong.case === testCase.name),
  }))
  return {
    source,
    cases: cases.length,
    passed: results.filter(({ fault, known }) => fault === undefined && known === undefined).length,
    wrong: results.flatMap(({ fault, known }) =>
      fault === undefined || known === undefined ? [] : [{ known, fault }],
    ),
    failures: results.flatMap(({ testCase, fault, known }) => {
      if (fault !== undefined) return known === undefined ? [`${testCase.name}: ${fault}`] : []
      return known === undefined ? [] : [`${testCase.name}: listed as wrong, but passes`]
    }),
  }
}
