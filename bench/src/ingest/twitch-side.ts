import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { RawData, WebSocket } from 'ws'

const NUMERICS = ['001', '002', '003', '004', '375', '372', '376']

export interface TwitchSide {
  /** Login -> id of each channel there is. */
  readonly roomIds: ReadonlyMap<string, string>
  readonly connected?: (socket: Duplex) => void
  readonly joined?: (login: string, socket: Duplex) => void
  readonly parted?: (login: string, socket: Duplex) => void
}

interface Client {
  readonly ws: WebSocket
  readonly socket: Duplex
}

/**
 * Listens as Twitch's side of connections, as little as it takes: answers logins, joins and pings. Lines of chat can be
 * written to the sockets as frames.
 *
 * @returns the port.
 */
export async function listenAsTwitch(side: TwitchSide): Promise<number> {
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    wss.handleUpgrade(request, socket, head, (ws) => {
      side.connected?.(socket)
      ws.on('message', (data) => answer({ ws, socket }, toText(data), side))
      ws.on('error', () => ws.terminate())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function answer({ ws, socket }: Client, text: string, side: TwitchSide): void {
  for (const line of text.split('\r\n')) {
    const [command = '', ...rest] = line.split(' ')
    const logins = (): string[] => (rest[0] ?? '').split(',').map((channel) => channel.slice(1))
    if (command === 'NICK') ws.send(welcome(rest[0] ?? ''))
    if (command === 'PING') ws.send(`:tmi.twitch.tv PONG tmi.twitch.tv ${rest.join(' ')}\r\n`)
    if (command === 'PART') for (const login of logins()) side.parted?.(login, socket)
    if (command !== 'JOIN') continue
    ws.send(
      logins()
        .map((login) => roomState(login, side))
        .join(''),
    )
    for (const login of logins()) side.joined?.(login, socket)
  }
}

function toText(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : ''
}

function welcome(nick: string): string {
  return NUMERICS.map((numeric) => `:tmi.twitch.tv ${numeric} ${nick} :-\r\n`).join('')
}

function roomState(login: string, { roomIds }: TwitchSide): string {
  const roomId = roomIds.get(login) ?? '1'
  const state = `emote-only=0;followers-only=-1;r9k=0;room-id=${roomId};slow=0;subs-only=0`
  return `@${state} :tmi.twitch.tv ROOMSTATE #${login}\r\n`
}
