import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { openConnection } from '../src/connection.ts'
import { until } from './world.ts'

const WELCOME =
  ':tmi.twitch.tv 001 justinfan1 :Welcome, GLHF!\r\n:tmi.twitch.tv 376 justinfan1 :>\r\n'
const message = (text: string): string => `@id=${text} :a!a@a PRIVMSG #c :${text}\r\n`

/** One connection to a server that only says what it is told. */
class Peer implements AsyncDisposable {
  readonly told: string[] = []
  readonly sent: string[] = []
  readonly #server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  #socket: WebSocket | undefined

  async open() {
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    this.#server.on('connection', (socket) => {
      this.#socket = socket
      socket.on('message', (data) => {
        if (Buffer.isBuffer(data)) this.sent.push(data.toString())
      })
      socket.send(WELCOME)
    })
    const tell = (text: string): void => void this.told.push(text)
    const connection = openConnection(
      { url: `ws://127.0.0.1:${address.port}`, account: undefined },
      {
        ready: () => tell('ready'),
        data: () => undefined,
        lines: (lines) => tell(lines.map((line) => line.slice(line.lastIndexOf(':') + 1)).join()),
        pong: (token) => tell(`pong ${token}`),
        parted: (login) => tell(`parted ${login}`),
        reconnectAsked: () => tell('reconnect'),
        closed: (_, isInOrder) => tell(isInOrder ? 'closed in order' : 'cut off'),
        failed: (error) => tell(String(error)),
        diagnostic: () => undefined,
        loginRefused: tell,
        lineTooLong: () => tell('too long'),
        frameDamaged: () => tell('damaged'),
      },
    )
    await until('it has logged in', () => this.told.includes('ready'))
    return connection
  }

  get socket(): WebSocket {
    if (this.#socket === undefined) throw new Error('nobody has connected')
    return this.#socket
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

describe('a connection to Twitch', () => {
  it('hands on the lines of a frame before the PONG that vouches for them (I1)', async () => {
    await using peer = new Peer()
    const connection = await peer.open()
    connection.ping('poglog-7')
    await until('it has asked', () => peer.sent.includes('PING :poglog-7'))
    const pong = ':tmi.twitch.tv PONG tmi.twitch.tv :poglog-7\r\n'
    const part = ':justinfan1!justinfan1@justinfan1.tmi.twitch.tv PART #c\r\n'
    peer.socket.send(`${message('one')}${pong}${part}${message('two')}`)
    peer.socket.send(`:tmi.twitch.tv PONG tmi.twitch.tv\r\n${message('three')}`)
    await until('all has come', () => peer.told.includes('three'))
    expect(peer.told).toEqual([
      'ready',
      'one,two',
      'pong poglog-7',
      'parted c',
      'three',
      expect.any(String),
    ])
  })

  it('tells a peer that took its leave from one that is gone', async () => {
    await using polite = new Peer()
    await polite.open()
    polite.socket.send(message('last'))
    polite.socket.close()
    await until('it is closed', () => polite.told.length === 3)
    expect(polite.told).toEqual(['ready', 'last', 'closed in order'])

    await using rude = new Peer()
    await rude.open()
    rude.socket.terminate()
    await until('it is closed', () => rude.told.length === 2)
    expect(rude.told).toEqual(['ready', 'cut off'])

    await using asked = new Peer()
    const connection = await asked.open()
    connection.close()
    await until('it is closed', () => asked.told.length === 2)
    expect(asked.told).toEqual(['ready', 'closed in order'])
  })
})
