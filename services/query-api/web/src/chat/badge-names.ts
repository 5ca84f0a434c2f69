import type { Badge, Line } from './line.ts'

interface Drawn {
  readonly sign: string
  readonly name: string
  readonly tone: string
}

/** The badges that tell something; of the others there are thousands, and their pictures need an account to ask for. */
const DRAWN: Readonly<Record<string, Omit<Drawn, 'tone'>>> = {
  broadcaster: { sign: '▶', name: 'Broadcaster' },
  moderator: { sign: '⚔', name: 'Moderator' },
  lead_moderator: { sign: '⚔', name: 'Lead moderator' },
  vip: { sign: '◆', name: 'VIP' },
  subscriber: { sign: '★', name: 'Subscriber' },
  founder: { sign: '★', name: 'Founder' },
  partner: { sign: '✔', name: 'Verified' },
  staff: { sign: 'T', name: 'Twitch staff' },
  admin: { sign: 'T', name: 'Twitch admin' },
  artist: { sign: '✎', name: 'Artist' },
  bits: { sign: '♦', name: 'Bits' },
  'sub-gifter': { sign: '❖', name: 'Gift subs' },
  premium: { sign: '♛', name: 'Prime' },
  turbo: { sign: 'ϟ', name: 'Turbo' },
}
/** Whose version is how many there were. */
const COUNTED = new Set(['bits', 'sub-gifter'])
/** More than so many say nothing more. */
const BADGES_MAX = 4

/** What is drawn for a line's badges: a sign, what it is called, and its tone in the style sheet. */
export function drawnBadges({ badges }: Pick<Line, 'badges'>): readonly Drawn[] {
  return badges.flatMap(drawn).slice(0, BADGES_MAX)
}

function drawn({ name, version }: Badge): readonly Drawn[] {
  const known = Object.hasOwn(DRAWN, name) ? DRAWN[name] : undefined
  if (known === undefined) return []
  const called = COUNTED.has(name) ? `${known.name}: ${version}` : known.name
  return [{ sign: known.sign, name: called, tone: name.replace('_', '-') }]
}
