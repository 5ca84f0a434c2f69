/**
 * Where a line goes. `channel`: to everyone who joined it. `everyone`: to every connection that has
 * logged in. `withheld`: to nobody, because the client would take it for its own login, logout or a
 * capability's refusal, and reconnect or leave.
 */
export type LineRoute =
  | { readonly to: 'channel'; readonly channel: string; readonly command: string }
  | { readonly to: 'everyone'; readonly command: string }
  | { readonly to: 'withheld'; readonly command: string }

/** Twitch logins: letters, digits and underscore, 1 to 25 of them. A line may name other things; nobody can join those. */
const LOGIN = /^[a-z0-9_]{1,25}$/

/** Commands without a channel that only the server that speaks may send: replayed, they would end the client's session. */
const SESSION_COMMANDS = /^(?:RECONNECT|CAP|\d{3})$/

/**
 * Finds the channel of an IRC line without reading its tags.
 *
 * It knows less than a parser on purpose: the simulator must carry lines that no parser accepts.
 */
export function routeLine(line: string): LineRoute {
  const { command, parameter } = commandOf(line)
  if (SESSION_COMMANDS.test(command)) return { to: 'withheld', command }
  if (command === 'NOTICE' && parameter === '*') return { to: 'withheld', command }
  if (parameter.startsWith('#')) {
    const channel = parameter.slice(1).toLowerCase()
    if (LOGIN.test(channel)) return { to: 'channel', channel, command }
  }
  return { to: 'everyone', command }
}

/** The `room-id` tag of a line; empty where there is none or it is no number. */
export function roomIdOf(line: string): string {
  if (!line.startsWith('@')) return ''
  const tagsEnd = line.indexOf(' ')
  const at = line.startsWith('@room-id=') ? 0 : line.indexOf(';room-id=')
  if (at < 0 || (tagsEnd >= 0 && at > tagsEnd)) return ''
  return /^\d{1,20}(?=[; ]|$)/.exec(line.slice(at + '@room-id='.length, at + 40))?.[0] ?? ''
}

/** Splits off tags and source; `parameter` is the first one, without the colon of a trailing one. */
function commandOf(line: string): { command: string; parameter: string } {
  let at = 0
  if (line.startsWith('@')) at = afterWord(line, at)
  if (line.startsWith(':', at)) at = afterWord(line, at)
  const commandEnd = wordEnd(line, at)
  const parameterStart = skipSpaces(line, commandEnd)
  const colon = line.startsWith(':', parameterStart) ? 1 : 0
  return {
    command: line.slice(at, commandEnd),
    parameter: line.slice(parameterStart + colon, wordEnd(line, parameterStart)),
  }
}

function afterWord(line: string, from: number): number {
  return skipSpaces(line, wordEnd(line, from))
}

function wordEnd(line: string, from: number): number {
  const space = line.indexOf(' ', from)
  return space < 0 ? line.length : space
}

function skipSpaces(line: string, from: number): number {
  let at = from
  while (line.startsWith(' ', at)) at++
  return at
}
