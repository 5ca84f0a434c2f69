import { z } from 'zod'
import { DAY_MS } from '../archive/chat.ts'
import type { Asked, Asker } from './ask.ts'
import type { Peer, Questions } from './questions.ts'

const wordsSchema = z.object({ total: z.number() })
const topSchema = z.object({ words: z.array(z.object({ word: z.string(), count: z.number() })) })
const statsSchema = z.object({ messages: z.number(), chatters: z.number() })

/** Asks a query API the questions, each answer with its times. */
export class PoglogClient {
  readonly #url: string
  readonly #asker: Asker
  readonly #questions: Questions

  constructor(url: string, asker: Asker, questions: Questions) {
    this.#url = url
    this.#asker = asker
    this.#questions = questions
  }

  async userInChannel(userId: string): Promise<Asked> {
    const { channelId } = this.#questions.facts
    return await this.#text(`/channel/${channelId}/logs`, { user: userId })
  }

  async userOverall(userId: string): Promise<Asked> {
    return await this.#text(`/user/${userId}/logs`, {})
  }

  async channelDay(): Promise<Asked> {
    const { channelId, day } = this.#questions.facts
    const range = { from: iso(day.startMs), to: iso(day.startMs + DAY_MS) }
    return await this.#text(`/channel/${channelId}/logs`, range)
  }

  async word(word: string): Promise<Asked & { readonly total: number }> {
    const asked = await this.#json('words', { word, match: 'exact' })
    return { ...asked, total: wordsSchema.parse(JSON.parse(asked.body)).total }
  }

  async topWords(): Promise<Asked & z.output<typeof topSchema>> {
    const asked = await this.#json('words/top', {})
    return { ...asked, ...topSchema.parse(JSON.parse(asked.body)) }
  }

  async stats(): Promise<Asked & z.output<typeof statsSchema>> {
    const asked = await this.#json('stats', {})
    return { ...asked, ...statsSchema.parse(JSON.parse(asked.body)) }
  }

  async #text(path: string, query: Readonly<Record<string, string>>): Promise<Asked> {
    return await this.#asker.ask(this.#urlOf(path, { ...query, format: 'text' }))
  }

  async #json(what: string, query: Readonly<Record<string, string>>): Promise<Asked> {
    const path = `/channel/${this.#questions.facts.channelId}/${what}`
    return await this.#asker.ask(this.#urlOf(path, query), { keepBody: true })
  }

  #urlOf(path: string, query: Readonly<Record<string, string>>): string {
    const { fromMs, toMs } = this.#questions
    const range = { from: iso(fromMs), to: iso(toMs) }
    return `${this.#url}${path}?${new URLSearchParams({ ...range, ...query }).toString()}`
  }
}

/** The same as one who only counts. */
export function poglogPeer(client: PoglogClient): Peer {
  return {
    name: 'poglog',
    userInChannel: async (userId) => (await client.userInChannel(userId)).lines,
    userOverall: async (userId) => (await client.userOverall(userId)).lines,
    channelDay: async () => (await client.channelDay()).lines,
    word: async (word) => (await client.word(word)).total,
  }
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString()
}
