import { SeededRandom } from '../../chaos/random.ts'
import { said } from './lines.ts'
import type { KnownLine } from './lines.ts'
import { BAY, BENJI, CROWD, HOLLOW, MIRA, MOSS, NOOR, OTTO, POOL } from './people.ts'
import type { Who } from './people.ts'
import { showOf } from './show.ts'
import type { Show } from './show.ts'
import { smallTalk } from './small-talk.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const DAYS = 3
/** How the messages of a day spread over its hours, UTC: nobody is there in the early morning. */
const HOURS = [3, 2, 1, 0, 0, 0, 0, 1, 2, 2, 3, 4, 6, 5, 4, 5, 6, 8, 12, 14, 13, 10, 7, 4] as const
const SHARE_ALL = HOURS.reduce<number>((sum, share) => sum + share, 0)
const SEED = 25
const MESSAGES_A_DAY: readonly (readonly [Who, number])[] = [
  [BAY, 1300],
  [MOSS, 240],
  [POOL, 90],
]
/** The hour of {@link PageChat.day} in which the quokka is spoken of. */
const QUOKKA_HOUR = 12
const SHOW_HOUR = 18
const SHOW_MINUTE = 40

/** Chat of three days, made up, the same in every run but for its dates. */
export interface PageChat {
  /** All lines in the order in which they were sent. */
  readonly lines: readonly KnownLine[]
  /** Start of each of the three days, UTC, the last one yesterday. */
  readonly days: readonly [number, number, number]
  /** The day in the middle: the one with the show. */
  readonly day: number
  readonly show: Show
  /** Messages with the word quokka, within one hour. */
  readonly quokkas: readonly KnownLine[]
}

/** The word that only some messages have. */
export const RARE_WORD = 'quokka'

export function pageChat(nowMs: number): PageChat {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS
  const [first, day, last] = [today - 3 * DAY_MS, today - 2 * DAY_MS, today - DAY_MS]
  const random = new SeededRandom(SEED, 'page')
  const small = Array.from({ length: DAYS }, (_, number) =>
    MESSAGES_A_DAY.flatMap(([channel, messages]) =>
      dayOf(random, { channel, messages, startMs: first + number * DAY_MS }),
    ),
  ).flat()
  const show = showOf(day + SHOW_HOUR * HOUR_MS + SHOW_MINUTE * MINUTE_MS)
  const quokkas = quokkasOf(day + QUOKKA_HOUR * HOUR_MS)
  const hidden = said({ channel: HOLLOW, user: NOOR, sentAtMs: day }, 'not for everybody')
  const lines = [...small, ...Object.values(show), ...quokkas, hidden]
  lines.sort((a, b) => a.sentAtMs - b.sentAtMs)
  return { lines, days: [first, day, last], day, show, quokkas }
}

interface DayPlan {
  readonly channel: Who
  readonly messages: number
  readonly startMs: number
}

function dayOf(random: SeededRandom, { channel, messages, startMs }: DayPlan): KnownLine[] {
  const lines: KnownLine[] = []
  for (const [hour, share] of HOURS.entries()) {
    const count = Math.round((messages * share) / SHARE_ALL)
    for (let number = 0; number < count; number += 1) {
      const sentAtMs = startMs + hour * HOUR_MS + random.between(0, HOUR_MS - 1)
      const user = speaker(random)
      const replyTo = random.chance(0.06) ? random.pick(lines) : undefined
      const extras = replyTo === undefined || replyTo.sentAtMs > sentAtMs ? {} : { replyTo }
      lines.push(said({ channel, user, sentAtMs }, smallTalk(random), extras))
    }
  }
  return lines
}

/** Few write much. */
function speaker(random: SeededRandom): Who {
  const regulars = [MIRA, OTTO, BENJI, NOOR]
  const rank = Math.floor(random.unit() ** 2 * (regulars.length + CROWD.length))
  return [...regulars, ...CROWD][rank] ?? MIRA
}

/** Four times by Mira, twice by Otto, once by Noor; once more by Mira elsewhere. */
function quokkasOf(startMs: number): KnownLine[] {
  const speakers = [MIRA, OTTO, MIRA, NOOR, MIRA, OTTO, MIRA]
  const here = speakers.map((user, number) =>
    said(
      { channel: BAY, user, sentAtMs: startMs + (number + 1) * MINUTE_MS },
      `a ${RARE_WORD} was seen, number ${number + 1}`,
    ),
  )
  const scene = { channel: MOSS, user: MIRA, sentAtMs: startMs + 10 * MINUTE_MS }
  return [...here, said(scene, `no ${RARE_WORD} in this garden`)]
}
