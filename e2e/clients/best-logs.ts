import { z } from 'zod'
import { ask, askOk, datePath } from './http.ts'
import type { Answer } from './http.ts'

const HEADERS = { 'user-agent': 'best-logs' }
const CHANNELS_MS_MAX = 10_000
const LIST_MS_MAX = 5000
const DAY_MS_MAX = 10_000
const PROXY_MS_MAX = 120_000
/** Day logs that it puts before recent messages. */
const DAYS_MAX = 7

const channelsSchema = z.object({
  channels: z.array(z.object({ name: z.string(), userID: z.string() })).min(1),
})
const daysSchema = z.object({
  availableLogs: z.array(z.object({ year: z.string(), month: z.string(), day: z.string() })).min(1),
})
const namesSchema = z.array(
  z.object({
    user_login: z.string(),
    first_timestamp: z.iso.datetime(),
    last_timestamp: z.iso.datetime(),
  }),
)

export type LoggedDay = z.output<typeof daysSchema>['availableLogs'][number]

/** best-logs, which asks many instances which of them has somebody's logs, and passes requests on to the best. */
export class BestLogs {
  readonly #api: string

  constructor(api: string) {
    this.#api = api
  }

  /** @throws when it would take the instance for down: an empty list, too. */
  async channels(): Promise<ReadonlyMap<string, string>> {
    const { text } = await this.#askOk('/channels', CHANNELS_MS_MAX)
    const { channels } = channelsSchema.parse(JSON.parse(text))
    return new Map(channels.map(({ name, userID }) => [name, userID]))
  }

  /** The days of a channel, newest first; by their number instances are ranked. Empty where it has none. */
  async days(channel: string): Promise<readonly LoggedDay[]> {
    const { status, text } = await this.#ask(`/list?${channelQuery(channel)}`, LIST_MS_MAX)
    return status === 200 ? daysSchema.parse(JSON.parse(text)).availableLogs : []
  }

  /** Whether the instance has logs of a user in a channel: it looks at the status only. */
  async user(channel: string, user: string): Promise<'logged' | 'opted-out' | 'none'> {
    const userQuery = user.startsWith('id:') ? `userid=${user.slice(3)}` : `user=${user}`
    const path = `/list?${channelQuery(channel)}&${userQuery}`
    const { status } = await this.#ask(path, LIST_MS_MAX)
    if (status >= 200 && status < 300) return 'logged'
    return status === 403 ? 'opted-out' : 'none'
  }

  /** The newest lines of the last days, newest first. */
  async newestLines(channel: string, limit: number): Promise<string[]> {
    const lines: string[] = []
    for (const day of (await this.days(channel)).slice(0, DAYS_MAX)) {
      const path = `/channel/${channel}/${day.year}/${day.month}/${day.day}`
      const { text } = await this.#askOk(`${path}?limit=${limit}&raw&reverse`, DAY_MS_MAX)
      const parts = text.split(/\r?\n/)
      // The last part is thrown away unseen, so it must hold nothing.
      if (parts.pop() !== '') throw new Error(`${path} does not end with a line feed`)
      lines.push(...parts)
      if (lines.length >= limit) break
    }
    for (const line of lines) sentMsOf(line)
    return lines.slice(0, limit)
  }

  /** The logins that an id was seen with. */
  async nameHistory(userId: string): Promise<string[]> {
    const { text } = await this.#askOk(`/namehistory/${userId}`, CHANNELS_MS_MAX)
    return namesSchema.parse(JSON.parse(text)).map(({ user_login: login }) => login)
  }

  /** Passes a URL on as it is; a page, which no log route answers with, becomes an error. */
  async proxy(path: string): Promise<Answer> {
    const answer = await this.#ask(path, PROXY_MS_MAX)
    if (!answer.contentType.includes('text/html')) return answer
    return { status: 400, contentType: 'text/plain', text: 'Invalid endpoint' }
  }

  /** The link that people are sent to: a month of a user, a day of a channel. */
  async link(channel: string, user: string | undefined): Promise<Answer> {
    const [day] = await this.days(channel)
    const { year, month } = day ?? datePath(Date.now())
    return user === undefined
      ? await this.proxy(`/channel/${channel}/${year}/${month}/${day?.day}`)
      : await this.proxy(`/channel/${channel}/user/${user}/${year}/${month}`)
  }

  #ask(path: string, timeoutMs: number): Promise<Answer> {
    return ask(`${this.#api}${path}`, { timeoutMs, headers: HEADERS })
  }

  #askOk(path: string, timeoutMs: number): Promise<Answer> {
    return askOk(`${this.#api}${path}`, { timeoutMs, headers: HEADERS })
  }
}

function channelQuery(channel: string): string {
  return channel.startsWith('id:') ? `channelid=${channel.slice(3)}` : `channel=${channel}`
}

/** @throws Error for a line whose time it would not find. */
function sentMsOf(line: string): number {
  const digits = /^@.*?tmi-sent-ts=(\d+)(?:;| :)/.exec(line)?.[1]
  if (digits === undefined) throw new Error(`no time in ${line}`)
  return Number(digits)
}
