/**
 * Who a line is for: `log` us, `control` tmi.js, `both`; the others neither: Twitch announces a close
 * (`reconnect`), answers our PING (`pong`), or has taken us out of a channel (`part`; of others it tells
 * only who asks for that).
 */
export type LineRoute = 'log' | 'control' | 'both' | 'reconnect' | 'pong' | 'part'

const LOGGED = new Set(['PRIVMSG', 'USERNOTICE', 'CLEARCHAT', 'CLEARMSG', 'ROOMSTATE'])

/**
 * Tells who a line is for. One with tags is never needed to keep a connection, so it goes to us unseen;
 * one without is nearly always a control line.
 */
export function routeLine(line: string): LineRoute {
  if (line.startsWith('@')) return 'log'
  const start = line.startsWith(':') ? line.indexOf(' ') + 1 : 0
  const end = line.indexOf(' ', start)
  const command = line.slice(start, end === -1 ? undefined : end)
  if (command === 'RECONNECT') return 'reconnect'
  if (command === 'PONG') return 'pong'
  if (command === 'PART') return 'part'
  // A refused login comes as a NOTICE to nobody, which tmi.js understands.
  if (command === 'NOTICE') return line.startsWith('#', end + 1) ? 'both' : 'control'
  return LOGGED.has(command) ? 'log' : 'control'
}
