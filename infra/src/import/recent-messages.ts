import { z } from 'zod'
import { Problem } from '../problem.ts'
import { withoutAddedTags } from './added-tags.ts'
import type { PoliteClient } from './http.ts'
import { nameOf } from './logs-instance.ts'
import type { Unit } from './unit.ts'

/** The public instance gives as many, others fewer. */
const PAGE_MESSAGES = 800
/** Some hundred thousand messages: more than any instance keeps of a channel. */
const PAGES_MAX = 1000

const answerSchema = z.object({ messages: z.array(z.string()) })

/** Everything a recent-messages instance still has of a channel, newest page first. */
export function recentMessagesUnit(
  { base, channel }: { readonly base: string; readonly channel: string },
  http: PoliteClient,
): Unit {
  const path = base.endsWith('/recent-messages')
    ? base
    : `${base.replace(/\/api\/v2$/, '')}/api/v2/recent-messages`
  const address = `${path}/${encodeURIComponent(nameOf(channel))}`
  return {
    name: address,
    id: undefined,
    dayMs: undefined,
    sizeBytes: undefined,
    open: ({ signal }) =>
      Promise.resolve({
        bytes: pages(address, http, signal),
        readBytes: () => 0,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  }
}

async function* pages(
  address: string,
  http: PoliteClient,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let beforeMs: number | undefined
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const url = new URL(address)
    url.searchParams.set('limit', String(PAGE_MESSAGES))
    if (beforeMs !== undefined) url.searchParams.set('before', String(beforeMs))
    const text = await http.text(url.href, signal)
    if (text === undefined) throw new Problem(`${url.href} is not there`)
    const answer = answerSchema.safeParse(parseJson(text))
    if (!answer.success) {
      throw new Problem(`${url.href} does not answer as recent-messages does`, {
        cause: answer.error,
      })
    }
    const { messages } = answer.data
    if (messages.length > 0) yield Buffer.from(`${messages.join('\n')}\n`)
    // One more millisecond: `before` excludes it, and the page may have begun among messages of one.
    const oldestMs = oldest(messages)
    const nextMs = oldestMs === undefined ? undefined : oldestMs + 1
    if (nextMs === undefined || (beforeMs !== undefined && nextMs >= beforeMs)) return
    beforeMs = nextMs
  }
}

function oldest(messages: readonly string[]): number | undefined {
  let oldestMs: number | undefined
  for (const message of messages) {
    const { receivedAtMs } = withoutAddedTags(message)
    if (receivedAtMs !== undefined && receivedAtMs < (oldestMs ?? Infinity)) oldestMs = receivedAtMs
  }
  return oldestMs
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
