import { z } from 'zod'
import { ask, datePath } from './http.ts'
import type { Answer } from './http.ts'

const TIMEOUT_MS = 10_000
const HEADERS = { 'user-agent': 'Supibot' }

const channelsSchema = z.object({
  channels: z.array(z.object({ name: z.string(), userID: z.string() })),
})
const randomSchema = z.object({
  messages: z
    .array(
      z.object({
        text: z.string(),
        displayName: z.string(),
        timestamp: z.iso.datetime(),
        username: z.string(),
      }),
    )
    .min(1),
})
const LINE = /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\] #\w+ (\w+): (.*)$/

/** A message of somebody, or why there is none. */
export type RandomLine =
  | { readonly text: string; readonly username: string; readonly timestamp: string }
  | 'opted-out'
  | 'not-logged'

/** Supibot, which shows random lines and lets logging begin. */
export class Supibot {
  readonly #api: string
  readonly #adminKey: string

  constructor(api: string, adminKey: string) {
    this.#api = api
    this.#adminKey = adminKey
  }

  async isLogged(channelId: string): Promise<boolean> {
    const { text } = await this.#ask('/channels')
    return channelsSchema
      .parse(JSON.parse(text))
      .channels.some(({ userID }) => userID === channelId)
  }

  async randomLine(channelId: string, userId?: string): Promise<RandomLine> {
    const user = userId === undefined ? '' : `/userid/${userId}`
    const { status, text } = await this.#ask(`/channelid/${channelId}${user}/random?json=1`)
    if (status === 403) return 'opted-out'
    if (status === 404) return 'not-logged'
    const [message] = randomSchema.parse(JSON.parse(text)).messages
    if (message === undefined) throw new Error('no message')
    return message
  }

  /** The newest lines of a day, newest first, as `username: text`. */
  async lastLines(channelId: string, timeMs: number, limit = 50): Promise<string[]> {
    const { year, month, day } = datePath(timeMs)
    const path = `/channelid/${channelId}/${year}/${month}/${day}?reverse=1&limit=${limit}`
    const { text } = await this.#ask(path)
    return text
      .split(/\r?\n/)
      .filter((line) => line !== '')
      .map((line) => {
        const [, , username, said] = LINE.exec(line) ?? []
        if (username === undefined) throw new Error(`not a line: ${line}`)
        return `${username}: ${said}`
      })
  }

  /** Begins to log a channel. @returns the status. */
  async join(channelId: string): Promise<number> {
    const { status } = await ask(`${this.#api}/admin/channels`, {
      timeoutMs: TIMEOUT_MS,
      method: 'POST',
      headers: { ...HEADERS, 'X-API-Key': this.#adminKey, 'content-type': 'application/json' },
      body: JSON.stringify({ channels: [channelId] }),
    })
    return status
  }

  #ask(path: string): Promise<Answer> {
    return ask(`${this.#api}${path}`, { timeoutMs: TIMEOUT_MS, headers: HEADERS })
  }
}
