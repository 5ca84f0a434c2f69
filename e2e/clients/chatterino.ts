import { z } from 'zod'
import { ask } from './http.ts'
import { tagsOf } from './irc-tags.ts'

const TIMEOUT_MS = 20_000
const LIMIT_DEFAULT = 800
const MESSAGES_PER_OFFLINE_SECOND = 10

/** Whatever is missing or of another kind counts as nothing. */
const answerSchema = z.object({
  messages: z.array(z.string()).catch([]),
  error_code: z.string().nullish().catch(undefined),
})

/** A message of the past as it is shown. */
export interface ShownMessage {
  readonly line: string
  readonly shownAtMs: number
  /** Deleted by a moderator. */
  readonly isGreyedOut: boolean
  /** Highlights make no sound. */
  readonly isQuiet: boolean
}

/** What comes of asking for the past: messages, maybe with a warning that some are missing, or a line of system text. */
export type History =
  | { readonly messages: readonly ShownMessage[]; readonly hasGapWarning: boolean }
  | { readonly systemText: string }

/** Chatterino 2, with `CHATTERINO2_RECENT_MESSAGES_URL` set to an instance of one's own. */
export class Chatterino {
  readonly #url: string

  /** @param url with `%1` where the login stands. */
  constructor(url: string) {
    this.#url = url
  }

  /** A channel's tab was opened. */
  async open(login: string, limit = LIMIT_DEFAULT): Promise<History> {
    return await this.#load(login, { limit: String(limit) })
  }

  /** The connection is back; times are of Chatterino's clock. */
  async reconnect(login: string, connectedMs: number, nowMs: number): Promise<History> {
    const offlineSeconds = Math.max(1, Math.floor((nowMs - connectedMs) / 1000))
    const limit = Math.min(offlineSeconds * MESSAGES_PER_OFFLINE_SECOND, LIMIT_DEFAULT)
    const query = { limit: String(limit), after: String(connectedMs), before: String(nowMs) }
    return await this.#load(login, query)
  }

  async #load(login: string, query: Record<string, string>): Promise<History> {
    const url = `${this.#url.replace('%1', login)}?${new URLSearchParams(query).toString()}`
    const { status, text } = await ask(url, { timeoutMs: TIMEOUT_MS })
    if (status < 200 || status > 299) return { systemText: `Message history service unavailable` }
    const { messages, error_code: code } = answerSchema.parse(JSON.parse(text))
    return {
      messages: messages.map((line) => shown(line)),
      hasGapWarning: code === 'channel_not_joined' && messages.length > 0,
    }
  }
}

function shown(line: string): ShownMessage {
  const tags = tagsOf(line)
  const timeMs = Number(tags.get('rm-received-ts') ?? tags.get('tmi-sent-ts'))
  if (!Number.isSafeInteger(timeMs)) throw new Error(`no time in ${line}`)
  return {
    line,
    shownAtMs: timeMs,
    isGreyedOut: tags.has('rm-deleted'),
    isQuiet: tags.has('historical'),
  }
}
