import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'

const KEPT_ROWS_MAX = 800

/** When {@link saidLine} 0 was sent; every line is a millisecond later than the one before. */
export const BASE_MS = 1_700_000_000_000

interface Row {
  readonly receivedAtMs: number
  readonly line: string
}

export interface RecentBody {
  messages: string[]
  error: string | null
  error_code: string | null
}

/** What the reference recent-messages service keeps of one channel, and how it answers (API.md, section 2.1). */
export class RecentService {
  readonly asked: URL[] = []
  rows: Row[] = []
  isJoined = true
  /** Rows the server gives at most, whatever is asked for. */
  limitMax = KEPT_ROWS_MAX
  readonly #login: string

  constructor(login = 'alpha') {
    this.#login = login
  }

  /** Receives a line as Twitch sent it; the oldest beyond what is kept is forgotten. */
  receive(receivedAtMs: number, raw: string): void {
    const added = `historical=1;rm-received-ts=${receivedAtMs}`
    const line = raw.startsWith('@') ? raw.replace('@', `@${added};`) : `@${added} ${raw}`
    this.rows = [...this.rows, { receivedAtMs, line }].slice(-KEPT_ROWS_MAX)
  }

  chat(from: number, to: number): void {
    for (let number = from; number < to; number += 1) {
      const sent = saidLine(number)
      this.receive(sentAtMsOf(sent) + 20, sent)
    }
  }

  /** What Twitch sends at a join: the whole state. */
  join(atMs: number): void {
    const state = 'emote-only=0;followers-only=-1;r9k=0;room-id=11;slow=0;subs-only=0'
    this.receive(atMs, `@${state} :tmi.twitch.tv ROOMSTATE #${this.#login}`)
  }

  answer(url: URL): RecentBody {
    this.asked.push(url)
    const numberOf = (name: string): number | undefined => {
      const value = url.searchParams.get(name)
      if (value !== null && !/^\d+$/.test(value)) throw new Error(`bad ${name}: ${value}`)
      return value === null ? undefined : Number(value)
    }
    const afterMs = numberOf('after') ?? -1
    const beforeMs = numberOf('before') ?? Infinity
    const isChannel = url.pathname === `/api/v2/recent-messages/${this.#login}`
    const rows = (isChannel ? this.rows : [])
      .filter(({ receivedAtMs }) => receivedAtMs > afterMs && receivedAtMs < beforeMs)
      .slice(-Math.min(this.limitMax, numberOf('limit') ?? Infinity))
    const isOut = !isChannel || !this.isJoined
    return {
      messages: rows.map(({ line }) => line),
      error: isOut ? 'The bot is currently not joined to this channel' : null,
      error_code: isOut ? 'channel_not_joined' : null,
    }
  }
}

export type Respond = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A server on loopback that answers as it is told at each moment; as the service does unless told. */
export class RecentServer implements AsyncDisposable {
  readonly service: RecentService
  readonly requests: IncomingMessage[] = []
  respond: Respond
  url = ''
  readonly #server = createServer((request, response) => {
    this.requests.push(request)
    void this.respond(request, response)
  })

  private constructor(service: RecentService) {
    this.service = service
    this.respond = this.normally
  }

  static async start(service = new RecentService()): Promise<RecentServer> {
    const recent = new RecentServer(service)
    recent.#server.listen(0, '127.0.0.1')
    await once(recent.#server, 'listening')
    const address = recent.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    recent.url = `http://127.0.0.1:${address.port}`
    return recent
  }

  readonly normally: Respond = ({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(this.service.answer(new URL(url, this.url))))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function sentAtMsOf(raw: string): number {
  return Number(/tmi-sent-ts=(\d+)/.exec(raw)?.[1])
}

/** A chat line of its own for each number, as Twitch sent it. */
export function saidLine(number: number, channel = 'alpha', roomId = '11'): string {
  const id = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
  const tags = `color=;id=${id};room-id=${roomId};tmi-sent-ts=${BASE_MS + number};user-id=7`
  return `@${tags} :user!user@user.tmi.twitch.tv PRIVMSG #${channel} :hello ${number}`
}
