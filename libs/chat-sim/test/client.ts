import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { startChatSim } from '../src/index.ts'
import type { ChatSim, ChatSimSettings } from '../src/index.ts'

const WAIT_MS = 15_000
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** A client that writes down what it gets. */
export class TestClient {
  readonly frames: string[] = []
  readonly lines: string[] = []
  isClosed = false
  closeCode = 0
  /** A real client answers; a test of what happens otherwise does not. */
  answersPing = true
  readonly #socket: WebSocket
  #rest = ''

  constructor(url: string) {
    this.#socket = new WebSocket(url)
    this.#socket.on('message', (data: Buffer) => this.#onFrame(data.toString()))
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', (code) => {
      this.isClosed = true
      this.closeCode = code
    })
  }

  async open(): Promise<this> {
    await until(() => this.#socket.readyState === WebSocket.OPEN || this.isClosed)
    return this
  }

  send(line: string): void {
    this.#socket.send(line)
  }

  /** Stops reading from the socket, so that the server's buffers fill. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.terminate()
  }

  /** The lines of chat: everything but the server's own replies. */
  chat(): string[] {
    return this.lines.filter((line) => line.startsWith('@') && !line.includes('ROOMSTATE'))
  }

  #onFrame(frame: string): void {
    this.frames.push(frame)
    const parts = (this.#rest + frame).split('\r\n')
    this.#rest = parts.pop() ?? ''
    for (const line of parts) {
      this.lines.push(line)
      if (line.startsWith('PING') && this.answersPing) this.send('PONG :tmi.twitch.tv')
    }
  }
}

/** Starts a server that is stopped after the test. */
export async function serve(settings: ChatSimSettings): Promise<ChatSim> {
  const sim = await startChatSim(settings)
  cleanups.push(() => sim.stop())
  return sim
}

export async function connect(sim: ChatSim): Promise<TestClient> {
  const client = await new TestClient(sim.url).open()
  cleanups.push(() => client.close())
  return client
}

/** Connects as a logger does: tags and commands, no account, and all these channels. */
export async function listen(
  sim: ChatSim,
  channels: readonly string[] = sim.channels,
): Promise<TestClient> {
  const client = await connect(sim)
  const joins = channels.map((channel) => `#${channel}`).join(',')
  client.send(`CAP REQ :twitch.tv/tags twitch.tv/commands\r\nNICK justinfan42\r\nJOIN ${joins}\r\n`)
  return client
}

/** Writes a file that is removed after the test. */
export async function fileOf(content: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-sim-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const file = join(folder, 'lines.txt')
  await writeFile(file, content)
  return file
}

export async function until(isTrue: () => boolean, timeoutMs = WAIT_MS): Promise<void> {
  const endMs = Date.now() + timeoutMs
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain for ${String(isTrue)}`)
    await pause(5)
  }
}

export async function pause(durationMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, durationMs))
}

/** A line of chat with no more than it needs. */
export function message(channel: string, text: string, roomId = '1'): string {
  const id = text.replace(/\W/g, '-').slice(0, 30)
  return `@id=${id};room-id=${roomId};tmi-sent-ts=1700000000000 :ann!ann@ann.tmi.twitch.tv PRIVMSG #${channel} :${text}`
}

export function messages(channel: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => message(channel, `m${index}`))
}
