import { z } from 'zod'
import { ask, askOk, datePath } from './http.ts'

const TIMEOUT_MS = 30_000
const DAY_MS = 86_400_000

const channelsSchema = z.object({ channels: z.array(z.object({ name: z.string() })) })
const daySchema = z.object({ messages: z.array(z.object({ raw: z.string() })) })

/** justlogs-as-recentmessages, which makes the answer of a recent-messages service of day logs. */
export class JustlogsAsRecentMessages {
  readonly #api: string

  constructor(api: string) {
    this.#api = api
  }

  /** The newest lines of a channel, oldest first; `undefined` for a channel that is not logged. */
  async recent(channel: string, days: number, limit: number): Promise<string[] | undefined> {
    const { text } = await askOk(`${this.#api}/channels`, { timeoutMs: TIMEOUT_MS })
    const { channels } = channelsSchema.parse(JSON.parse(text))
    if (!channels.some(({ name }) => name === channel)) return undefined
    const lines: string[] = []
    for (let back = days; back >= 0; back -= 1) {
      const { year, month, day } = datePath(Date.now() - back * DAY_MS)
      const url = `${this.#api}/channel/${channel}/${year}/${month}/${day}?json=1`
      const answer = await ask(url, { timeoutMs: TIMEOUT_MS })
      if (answer.status === 404) continue
      const { messages } = daySchema.parse(JSON.parse(answer.text))
      lines.push(...messages.map(({ raw }) => asRecent(raw)))
    }
    return lines.slice(-limit)
  }
}

function asRecent(raw: string): string {
  const digits = /tmi-sent-ts=(\d+)/.exec(raw)?.[1]
  if (digits === undefined || !raw.startsWith('@')) throw new Error(`no time in ${raw}`)
  return `@historical=1;rm-received-ts=${digits};${raw.slice(1)}`
}
