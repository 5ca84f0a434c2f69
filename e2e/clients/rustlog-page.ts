import { z } from 'zod'
import { ask, askOk } from './http.ts'
import type { Answer } from './http.ts'

const TIMEOUT_MS = 30_000

const channelsSchema = z.object({
  channels: z.array(z.object({ name: z.string(), userID: z.string() })),
})
const monthsSchema = z.object({
  availableLogs: z.array(z.object({ year: z.string(), month: z.string() })),
})
const messagesSchema = z.object({
  messages: z.array(
    z.object({
      text: z.string(),
      displayName: z.string(),
      timestamp: z.iso.datetime(),
      id: z.string(),
      tags: z.record(z.string(), z.string()),
    }),
  ),
})

/** A message as the page shows it: the system's words apart from the user's. */
export interface PageMessage {
  readonly id: string
  readonly displayName: string
  readonly timeMs: number
  readonly text: string
  readonly systemText: string
  readonly color: string | undefined
  /** Texts that are shown as emotes. */
  readonly emotes: readonly string[]
}

/** The web page of rustlog. */
export class RustlogPage {
  readonly #api: string

  constructor(api: string) {
    this.#api = api
  }

  /** The logins that the field for the channel completes to. */
  async channels(): Promise<string[]> {
    const { text } = await askOk(`${this.#api}/channels`, { timeoutMs: TIMEOUT_MS })
    return channelsSchema.parse(JSON.parse(text)).channels.map(({ name }) => name)
  }

  /** The months of a user; `opt-out page` where the page shows how to opt out, and in again. */
  async months(channel: string, user: string): Promise<string[] | 'opt-out page' | 'nothing'> {
    const url = `${this.#api}/list?${nameQuery('channel', channel)}&${nameQuery('user', user)}`
    const { status, text } = await ask(url, { timeoutMs: TIMEOUT_MS })
    if (status === 403) return 'opt-out page'
    if (status !== 200) return 'nothing'
    const { availableLogs } = monthsSchema.parse(JSON.parse(text))
    return availableLogs.map(({ year, month }) => `${year}/${month}`)
  }

  /** One month of a user, as the page shows it. */
  async month(subject: string, month: string, isReversed: boolean): Promise<PageMessage[]> {
    const reverse = isReversed ? '&reverse=1' : ''
    const url = `${this.#api}/${subject}/${month}?jsonBasic=1${reverse}`
    const { text } = await askOk(url, { timeoutMs: TIMEOUT_MS })
    return messagesSchema.parse(JSON.parse(text)).messages.map(({ tags, ...message }) => {
      const systemText = tags['system-msg'] ?? ''
      const own = systemText === '' ? message.text : message.text.replace(`${systemText} `, '')
      return {
        id: message.id,
        displayName: message.displayName,
        timeMs: Date.parse(message.timestamp),
        text: own === systemText ? '' : own,
        systemText,
        color: tags['color'],
        emotes: emotesIn(own, tags['emotes'] ?? ''),
      }
    })
  }

  /** What the link "txt" opens. */
  async textFile(subject: string, month: string): Promise<Answer> {
    return await askOk(`${this.#api}/${subject}/${month}?reverse`, { timeoutMs: TIMEOUT_MS })
  }

  /** The code that the page says to type. */
  async optOutCode(): Promise<string> {
    const options = { timeoutMs: TIMEOUT_MS, method: 'POST' } as const
    const { text } = await askOk(`${this.#api}/optout`, options)
    return z.string().parse(JSON.parse(text))
  }
}

function nameQuery(what: 'channel' | 'user', name: string): string {
  return name.startsWith('id:') ? `${what}id=${name.slice(3)}` : `${what}=${name}`
}

/** Places count code points of the user's text. */
function emotesIn(text: string, tag: string): string[] {
  const points = Array.from(text)
  return [...tag.matchAll(/(\d+)-(\d+)/g)].map(([, from, to]) =>
    points.slice(Number(from), Number(to) + 1).join(''),
  )
}
