import { z } from 'zod'
import { ask } from './http.ts'
import { tagsOf } from './irc-tags.ts'

const TIMEOUT_MS = 10_000
const SCROLLBACK_DEFAULT = 500

const answerSchema = z.object({
  messages: z.array(z.string()).nullish(),
  error: z.string().nullish(),
  error_code: z.string().nullish(),
})

/** What comes of loading a channel; `problem` is what DankChat tells its user. */
export interface LoadedChat {
  readonly messages: readonly { readonly line: string; readonly isDeleted: boolean }[]
  readonly problem: 'channel-ignored' | 'channel-not-joined' | 'unknown' | undefined
}

/** DankChat on a phone, with the host of recent messages set to an instance of one's own. */
export class DankChat {
  readonly #host: string
  /** Ids of messages that came over the live chat. */
  readonly #live = new Set<string>()

  /** @param host as it stands in the settings, with the slash at its end. */
  constructor(host: string) {
    this.#host = host
  }

  /** A message came over the live chat. */
  receive(line: string): void {
    this.#live.add(tagsOf(line).get('id') ?? '')
  }

  async load(login: string, limit = SCROLLBACK_DEFAULT): Promise<LoadedChat> {
    const url = `${this.#host}recent-messages/${login}?limit=${limit}`
    const { status, text } = await ask(url, { timeoutMs: TIMEOUT_MS })
    const { messages, error_code: code } = answerSchema.parse(JSON.parse(text))
    if (status < 200 || status > 299) return { messages: [], problem: problemOf(code) }
    const fresh = (messages ?? []).filter((line) => !this.#live.has(tagsOf(line).get('id') ?? '-'))
    return {
      messages: fresh.map((line) => {
        const tags = tagsOf(line)
        const time = / NOTICE #/.test(line) ? 'rm-received-ts' : 'tmi-sent-ts'
        if (!/^\d+$/.test(tags.get(time) ?? tags.get('rm-received-ts') ?? '')) {
          throw new Error(`no time in ${line}`)
        }
        return { line, isDeleted: tags.get('rm-deleted') === '1' }
      }),
      problem: code === null || code === undefined ? undefined : problemOf(code),
    }
  }
}

function problemOf(code: string | null | undefined): LoadedChat['problem'] {
  if (code === 'channel_ignored') return 'channel-ignored'
  return code === 'channel_not_joined' ? 'channel-not-joined' : 'unknown'
}
