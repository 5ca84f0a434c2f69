import { unescapeTagValue } from './escape.ts'
import { tagEnd, valueAfter } from './tags.ts'
import { wholeNumberOf } from './values.ts'

/** The tags that say whose line it is; `''` and `undefined` for what is absent. */
export interface RoutingTags {
  readonly id: string
  readonly login: string
  readonly channelId: string
  readonly userId: string
  readonly sentAtMs: number | undefined
}

const NAMES = ['id', 'login', 'room-id', 'target-user-id', 'tmi-sent-ts', 'user-id'] as const

/** Reads the routing tags of any line, in whatever order; of equal ones the last. */
export function routingTags(line: string, tagsEnd: number): RoutingTags {
  const values: Record<(typeof NAMES)[number], string> = {
    id: '',
    login: '',
    'room-id': '',
    'target-user-id': '',
    'tmi-sent-ts': '',
    'user-id': '',
  }
  let at = 1
  while (at < tagsEnd) {
    const next = tagEnd(line, at, tagsEnd)
    for (const name of NAMES) {
      if (line.startsWith(name, at)) {
        values[name] = valueAfter(line, at + name.length, next) ?? values[name]
      }
    }
    at = next + 1
  }
  return {
    id: unescapeTagValue(values.id),
    login: unescapeTagValue(values.login),
    channelId: unescapeTagValue(values['room-id']),
    userId: unescapeTagValue(values['user-id']) || unescapeTagValue(values['target-user-id']),
    sentAtMs: wholeNumberOf(values['tmi-sent-ts']),
  }
}
