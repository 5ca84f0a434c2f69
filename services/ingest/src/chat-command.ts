import type { OptOutKind } from '@poglog/hot-store'

/** What somebody asked for in chat. `argument` is a code or, from an admin, a login. */
export type ChatCommand =
  | {
      readonly action: 'optout' | 'optin'
      readonly kind: OptOutKind
      readonly argument: string
    }
  | { readonly action: 'join' | 'part'; readonly logins: readonly string[] }

/** A message of Twitch has at most 500 characters. */
const TEXT_LENGTH_MAX = 600
/** Logins of one command; a message has room for some hundred. */
const LOGINS_MAX = 100

/** The names that bots and people know from rustlog and justlog are taken for ours. */
const COMMAND = /^!(?:poglog|rustlog|justlog) +(optout|optin|join|leave|part) +(.*)$/is
const LOGIN = /^[a-z0-9_]{1,25}$/
/** What chat clients put at the end of a message that was sent twice. */
const INVISIBLE_END = /(?:\s|\u{E0000}|\u{200B}|\u{034F})+$/u

/** Reads a chat message as a command: `!poglog optout CODE`, `optin`, `optout channel CODE`, `join` and `part LOGIN...`. */
export function parseChatCommand(text: string): ChatCommand | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined
  const [, verb = '', rest = ''] = COMMAND.exec(text.replace(INVISIBLE_END, '')) ?? []
  const words = rest.split(/[\s,]+/).filter((word) => word !== '')
  const [first, second] = words
  if (first === undefined) return undefined
  const action = verb.toLowerCase()
  if (action === 'optout' || action === 'optin') {
    const isChannel = first.toLowerCase() === 'channel' && second !== undefined
    const argument = isChannel ? second : first
    return { action, kind: isChannel ? 'channels' : 'users', argument }
  }
  const logins = words.map(toLogin).filter((login) => LOGIN.test(login))
  if (logins.length === 0 || logins.length > LOGINS_MAX) return undefined
  return { action: action === 'join' ? 'join' : 'part', logins }
}

/** Accepts what people type: capitals, `@` and `#` in front. */
export const toLogin = (text: string): string => text.replace(/^[@#]/, '').toLowerCase()
