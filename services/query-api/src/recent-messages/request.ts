import { RECENT_MESSAGES_MAX } from '../limits.ts'
import { RecentMessagesError } from './answers.ts'
import type { ExportOptions } from './export-lines.ts'

const LOGIN_CHARACTER = /^[a-z0-9_]$/
const LOGIN_CHARACTERS_MAX = 25
/** What the reference takes for a whole number. */
const WHOLE_NUMBER = /^\+?\d+$/

/** What a request asks for beside the channel. Times are receive times, milliseconds since the Unix epoch. */
export interface RecentParameters extends ExportOptions {
  readonly limit: number
  readonly beforeMs: number | undefined
  readonly afterMs: number | undefined
}

/** @throws {RecentMessagesError} `invalid_query`. Parameters that it does not know are let be. */
export function readParameters(query: URLSearchParams): RecentParameters {
  return {
    hideModerationMessages: flag(query, ['hide_moderation_messages', 'hideModerationMessages']),
    hideModeratedMessages: flag(query, ['hide_moderated_messages', 'hideModeratedMessages']),
    clearchatToNotice: flag(query, ['clearchat_to_notice', 'clearchatToNotice']),
    limit: Math.min(wholeNumber(query, 'limit') ?? RECENT_MESSAGES_MAX, RECENT_MESSAGES_MAX),
    beforeMs: wholeNumber(query, 'before'),
    afterMs: wholeNumber(query, 'after'),
  }
}

/**
 * The login in a path.
 *
 * @throws {RecentMessagesError} `invalid_path` where it is no text, `invalid_channel_login` where it is no login in lower
 *   case.
 */
export function readLogin(segment: string): string {
  const login = decoded(segment)
  let position = 0
  for (const character of login) {
    if (!LOGIN_CHARACTER.test(character)) {
      const where = `Invalid character \`${character}\` encountered at position \`${position}\``
      throw wrongLogin(`Invalid login name \`${login}\`: ${where}`)
    }
    position += 1
    if (position > LOGIN_CHARACTERS_MAX) {
      throw wrongLogin(`Login name exceeds maximum length of ${LOGIN_CHARACTERS_MAX} characters`)
    }
  }
  if (position > 0) return login
  throw wrongLogin('Login name is too short (must be at least one character long)')
}

function wrongLogin(detail: string): RecentMessagesError {
  return new RecentMessagesError('invalid_channel_login', `Invalid channel login: ${detail}`)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    const text = 'Invalid or missing path parameters'
    throw new RecentMessagesError('invalid_path', text, { cause: error })
  }
}

function flag(query: URLSearchParams, names: readonly string[]): boolean {
  const text = only(query, names)
  if (text !== undefined && text !== 'true' && text !== 'false') throw invalidQuery()
  return text === 'true'
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = only(query, [name])
  if (text === undefined) return undefined
  if (!WHOLE_NUMBER.test(text)) throw invalidQuery()
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}

/** The one value of a parameter and its aliases. */
function only(query: URLSearchParams, names: readonly string[]): string | undefined {
  const values = names.flatMap((name) => query.getAll(name))
  if (values.length > 1) throw invalidQuery()
  return values[0]
}

function invalidQuery(): RecentMessagesError {
  return new RecentMessagesError('invalid_query', 'Invalid or missing query parameters')
}
