import type { Line } from './line.ts'

/** What a moderator did to a message: its own removal, or that of all messages of its user. */
export type Mark = 'deleted' | 'timed out' | 'banned' | 'cleared'

/** A timeout or ban removes what its user said this long before; Twitch's clients remove what they show. */
const REMOVED_BEFORE_MS = 30 * 60_000

/**
 * Finds the messages that moderators removed, as far as these lines tell.
 *
 * @param lines in the order of their sent times.
 * @returns line key -> what was done to it.
 */
export function marksOf(lines: readonly Line[]): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>()
  const removedIds = new Set<string>()
  /** `channel user` -> the ban that lies nearest behind the line that is looked at. */
  const bans = new Map<string, Line>()
  for (const line of lines.toReversed()) {
    if (line.removedId !== undefined) removedIds.add(line.removedId)
    else if (line.type === 'ban') bans.set(`${line.channel.id} ${line.user.login}`, line)
    else if (line.type === 'said' || line.type === 'event') {
      const mark = removedIds.has(line.id) ? 'deleted' : bannedAs(line, bans)
      if (mark !== undefined) marks.set(line.key, mark)
    }
  }
  return marks
}

function bannedAs(line: Line, bans: ReadonlyMap<string, Line>): Mark | undefined {
  const own = bans.get(`${line.channel.id} ${line.user.login}`)
  if (own !== undefined && own.sentMs - line.sentMs <= REMOVED_BEFORE_MS) {
    return own.banSeconds === undefined ? 'banned' : 'timed out'
  }
  const all = bans.get(`${line.channel.id} `)
  const isCleared = all !== undefined && all.sentMs - line.sentMs <= REMOVED_BEFORE_MS
  return isCleared ? 'cleared' : undefined
}
