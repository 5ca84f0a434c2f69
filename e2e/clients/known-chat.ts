import { createHash } from 'node:crypto'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** A channel or a user. */
export interface Who {
  readonly login: string
  readonly id: string
}

export const HARBOUR: Who = { login: 'harbour', id: '900001' }
export const LIGHTHOUSE: Who = { login: 'lighthouse', id: '900002' }
// The ids are those that chat-sim gives to their channels, as a user and the user's channel have one.
export const ADA: Who = { login: 'ada_sim', id: '390574035' }
export const BRIN: Who = { login: 'brin_sim', id: '960212130' }
export const CLEO: Who = { login: 'cleo_sim', id: '174042378' }
export const DORA: Who = { login: 'dora_sim', id: '622970377' }

/** A line that was sent, with what a client should make of it. */
export interface KnownLine {
  readonly raw: string
  readonly channel: Who
  /** Whose log it is in. */
  readonly user: Who
  readonly sentAtMs: number
  readonly type: 'PRIVMSG' | 'USERNOTICE' | 'CLEARCHAT' | 'CLEARMSG'
  readonly id: string
  /** What its user wrote. */
  readonly text: string
  readonly isDeleted: boolean
}

/** Chat of two channels, of the last three days, in the order in which it was sent. */
export function knownChat(nowMs: number): KnownLine[] {
  const starts = [2 * DAY_MS, DAY_MS, 15 * MINUTE_MS].map((beforeMs) => nowMs - beforeMs)
  return starts.flatMap((startMs, day) =>
    [HARBOUR, LIGHTHOUSE].flatMap((channel, at) => linesOf(channel, startMs + at * MINUTE_MS, day)),
  )
}

/** Somebody of everything: messages, an action, a sub, a timeout and a deletion with what they delete. */
function linesOf(channel: Who, startMs: number, day: number): KnownLine[] {
  const lines: KnownLine[] = []
  const id = (name: string): string => uuidOf(`${channel.login} ${day} ${name}`)
  const add = (
    line: Omit<KnownLine, 'channel' | 'sentAtMs' | 'raw'>,
    head: string,
    tail: string,
  ) => {
    const sentAtMs = startMs + lines.length * 1000
    const ends = `room-id=${channel.id};tmi-sent-ts=${sentAtMs}`
    const source = line.type === 'PRIVMSG' ? sourceOf(line.user) : 'tmi.twitch.tv'
    const raw = `@${head};${ends} :${source} ${line.type} #${channel.login}${tail}`
    lines.push({ ...line, channel, sentAtMs, raw })
  }
  const say = (user: Who, text: string, { isDeleted = false, emotes = '' } = {}): void => {
    const own = id(`${user.login} ${lines.length}`)
    const head = `badges=;color=#1e90ff;display-name=${user.login.toUpperCase()};emotes=${emotes};flags=;id=${own};mod=0;user-id=${user.id};user-type=`
    add({ user, type: 'PRIVMSG', id: own, text, isDeleted }, head, ` :${text}`)
  }
  for (let number = 0; number < 12; number += 1) {
    say([ADA, BRIN, DORA][number % 3] ?? ADA, `day ${day}: number ${number}`)
  }
  say(ADA, '😂 Kappa  two spaces ', { emotes: '25:2-6' })
  say(CLEO, 'something rude', { isDeleted: true })
  const ofTimeout = `ban-duration=630;target-user-id=${CLEO.id}`
  add(
    { user: CLEO, type: 'CLEARCHAT', id: '', text: '', isDeleted: false },
    ofTimeout,
    ` :${CLEO.login}`,
  )
  say(BRIN, 'a spoiler', { isDeleted: true })
  const removed = lines.at(-1)?.id ?? ''
  add(
    { user: BRIN, type: 'CLEARMSG', id: '', text: '', isDeleted: false },
    `login=${BRIN.login};target-msg-id=${removed}`,
    ' :a spoiler',
  )
  const sub = id('sub')
  const ofSub = `badges=;color=;display-name=${BRIN.login};emotes=;id=${sub};login=${BRIN.login};msg-id=resub;system-msg=Brin\\sis\\sback!;user-id=${BRIN.id}`
  add(
    { user: BRIN, type: 'USERNOTICE', id: sub, text: 'still here', isDeleted: false },
    ofSub,
    ' :still here',
  )
  return lines
}

function sourceOf({ login }: Who): string {
  return `${login}!${login}@${login}.tmi.twitch.tv`
}

function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
