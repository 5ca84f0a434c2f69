import type { SeededRandom } from '../../chaos/random.ts'

const OPENERS = 'okay so|honestly|wait|chat|I mean|not gonna lie|no way|listen|imagine|tbh'.split(
  '|',
)
const THINGS =
  'the lighthouse|that boat|the second boss|this song|the new lamp|that jump|the crab|the map|my tea|the storm|the captain|that ending'.split(
    '|',
  )
const OPINIONS =
  'is so good|looks different today|was closer than it looked|needs a name|got me again|is worth the wait|sounds louder than usual|never gets old|is back|made my evening|should not be possible|is my favourite part'.split(
    '|',
  )
const SHORT =
  'Pog|Pog Pog|LUL|pog|nice|gg|hello everyone HeyGuys|what a run|one more try|so close|BibleThump|NotLikeThis|first time here, hi|again!|yes yes yes|that was clean|good night all|same|what did I miss?|lol'.split(
    '|',
  )
const SHORT_SHARE = 0.45
const OPENER_SHARE = 0.4

/** What somebody says when nothing in particular is to be said. */
export function smallTalk(random: SeededRandom): string {
  if (random.chance(SHORT_SHARE)) return random.pick(SHORT) ?? 'nice'
  const opener = random.chance(OPENER_SHARE) ? [random.pick(OPENERS)] : []
  const ending = random.chance(OPENER_SHARE)
    ? [random.pick(['Kappa', 'LUL', '!!', 'Pog', '…'])]
    : []
  return [...opener, random.pick(THINGS), random.pick(OPINIONS), ...ending].join(' ')
}
