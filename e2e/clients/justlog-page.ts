import { z } from 'zod'
import { askOk } from './http.ts'

const TIMEOUT_MS = 30_000

const messagesSchema = z.object({
  messages: z.array(
    z.object({
      text: z.string(),
      systemText: z.string(),
      username: z.string(),
      displayName: z.string(),
      channel: z.string(),
      timestamp: z.iso.datetime(),
      id: z.string(),
      type: z.number(),
      raw: z.string(),
      tags: z.record(z.string(), z.string()),
    }),
  ),
})

/** The web page of justlog, which filters what it has loaded. */
export class JustlogPage {
  readonly #api: string

  constructor(api: string) {
    this.#api = api
  }

  /** The lines of a month that hold a text, in any case. */
  async search(subject: string, month: string, text: string): Promise<string[]> {
    const url = `${this.#api}/${subject}/${month}?json=1`
    const answer = await askOk(url, { timeoutMs: TIMEOUT_MS })
    const { messages } = messagesSchema.parse(JSON.parse(answer.text))
    const wanted = text.toLowerCase()
    return messages
      .filter((message) => `${message.text}${message.systemText}`.toLowerCase().includes(wanted))
      .map(({ raw }) => raw)
  }
}
