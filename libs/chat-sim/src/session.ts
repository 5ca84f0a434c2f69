import type { Connection } from './connection.ts'
import type { JoinBudget } from './join-budget.ts'
import { joinReplies, loginReplies, SERVER, suspendedNotice, userIdOf } from './replies.ts'

const CAPABILITIES = new Set(['twitch.tv/tags', 'twitch.tv/commands', 'twitch.tv/membership'])
const ANONYMOUS = /^justinfan\d{1,20}$/
const NICK = /^[a-z0-9_]{1,25}$/

/** What a session needs of the server around it. */
export interface SessionHost {
  readonly accounts: Readonly<Record<string, string>> | undefined
  readonly joins: Pick<JoinBudget, 'take'>
  /** Told of each JOIN. */
  readonly onJoin: (channel: string, isGranted: boolean) => void
  /** Empty: no such channel. */
  roomIdOf(channel: string): string
  isSuspended(channel: string): boolean
  join(connection: Connection, channel: string): void
  part(connection: Connection, channel: string): void
  /** Later than at once where that fault is on. */
  sendPong(connection: Connection, line: string): void
}

/** Answers one line of a client as Twitch does. Whatever Twitch ignores is ignored. */
export function handleCommand(connection: Connection, line: string, host: SessionHost): void {
  const { command, words, trailing } = splitCommand(line)
  switch (command) {
    case 'CAP':
      return handleCapability(connection, words[0] ?? '', trailing ?? words[1] ?? '')
    case 'PASS':
      connection.token = trailing ?? words[0] ?? ''
      return tryLogin(connection, host)
    case 'NICK':
      return handleNick(connection, (trailing ?? words[0] ?? '').toLowerCase(), host)
    case 'PING':
      return host.sendPong(connection, `:${SERVER} PONG ${SERVER} :${trailing ?? words[0] ?? ''}`)
    case 'PONG':
      connection.pingSentMs = undefined
      return undefined
    case 'JOIN':
      for (const channel of channelNames(trailing ?? words[0])) tryJoin(connection, channel, host)
      return undefined
    case 'PART':
      for (const channel of channelNames(trailing ?? words[0])) leave(connection, channel, host)
      return undefined
    case 'QUIT':
      return connection.close('client', false)
    case '':
    case 'USER':
    case 'PRIVMSG':
      return undefined
    default:
      return connection.send(`:${SERVER} 421 ${connection.nick || '*'} ${command} :Unknown command`)
  }
}

/** Ends a client's stay in a channel and tells it, also when the client did not ask. */
export function leave(
  connection: Connection,
  channel: string,
  host: Pick<SessionHost, 'part'>,
): void {
  if (!connection.channels.has(channel)) return
  host.part(connection, channel)
  const { nick } = connection
  connection.send(`:${nick}!${nick}@${nick}.${SERVER} PART #${channel}`)
}

function handleCapability(connection: Connection, verb: string, list: string): void {
  const names = list.split(' ').filter((name) => name !== '')
  if (verb === 'LS') {
    connection.send(`:${SERVER} CAP * LS :${[...CAPABILITIES].join(' ')}`)
  } else if (verb === 'REQ') {
    const isKnown = names.every((name) => CAPABILITIES.has(name))
    if (isKnown) for (const name of names) connection.capabilities.add(name)
    connection.send(`:${SERVER} CAP * ${isKnown ? 'ACK' : 'NAK'} :${names.join(' ')}`)
  }
}

/** The nick counts only once the token that goes with it is here; anonymous ones need none. */
function handleNick(connection: Connection, nick: string, host: SessionHost): void {
  if (connection.nick !== '' || !NICK.test(nick)) return
  connection.wantedNick = nick
  tryLogin(connection, host)
}

function tryLogin(connection: Connection, host: SessionHost): void {
  const { wantedNick: nick, token } = connection
  if (nick === '' || connection.nick !== '') return
  if (!ANONYMOUS.test(nick)) {
    if (token === undefined) return
    const refusal = refusalOf(nick, token, host)
    if (refusal !== undefined) {
      connection.send(`:${SERVER} NOTICE * :${refusal}`)
      return connection.close('login', false)
    }
  }
  connection.nick = nick
  for (const line of loginReplies(nick)) connection.send(line)
  if (!ANONYMOUS.test(nick)) {
    const state = `@badge-info=;badges=;color=;display-name=${nick};emote-sets=0;user-id=${userIdOf(nick)};user-type=`
    connection.sendChat(`${state} :${SERVER} GLOBALUSERSTATE`, 'GLOBALUSERSTATE')
  }
}

function refusalOf(nick: string, token: string, host: SessionHost): string | undefined {
  if (!token.startsWith('oauth:')) return 'Improperly formatted auth'
  if (host.accounts === undefined) return undefined
  const isRight = Object.hasOwn(host.accounts, nick) && token === `oauth:${host.accounts[nick]}`
  return isRight ? undefined : 'Login authentication failed'
}

function tryJoin(connection: Connection, channel: string, host: SessionHost): void {
  if (connection.nick === '' || connection.channels.has(channel)) return
  const verdict = host.joins.take(connection, Date.now())
  host.onJoin(channel, verdict === 'granted')
  if (verdict === 'close') return connection.close('join-limit', true)
  if (verdict === 'ignore') return
  if (host.isSuspended(channel)) {
    return connection.sendChat(suspendedNotice(channel), 'NOTICE')
  }
  const roomId = host.roomIdOf(channel)
  if (roomId === '') return
  for (const { line, command } of joinReplies({
    nick: connection.nick,
    channel,
    roomId,
    isAnonymous: ANONYMOUS.test(connection.nick),
  })) {
    connection.sendChat(line, command)
  }
  host.join(connection, channel)
}

function channelNames(list: string | undefined): string[] {
  const names = (list ?? '').split(',').filter((name) => name.startsWith('#'))
  return names.map((name) => name.slice(1).trim().toLowerCase()).filter((name) => NICK.test(name))
}

function splitCommand(line: string): {
  command: string
  words: string[]
  trailing: string | undefined
} {
  const colon = line.indexOf(' :')
  const head = colon < 0 ? line : line.slice(0, colon)
  const [command = '', ...words] = head.split(' ').filter((word) => word !== '')
  return {
    command: command.toUpperCase(),
    words,
    trailing: colon < 0 ? undefined : line.slice(colon + 2),
  }
}
