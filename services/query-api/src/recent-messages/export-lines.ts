import { parseMessage, rawTag, renderLine } from '@poglog/irc-parser'
import type { LogRecord } from '@poglog/log-format'
import { deletedOf } from './deleted.ts'
import { humantime } from './humantime.ts'
import type { Received } from './received.ts'

/** Notices about what the bot itself may not do or about hosting: never shown. */
const NOTICES_WITHHELD = new Set([
  'no_permission',
  'host_on',
  'host_off',
  'host_target_went_offline',
  'msg_channel_suspended',
])
/** A line that another such service received for us brings its own. */
const ADDED_TAG = /^(?:historical|rm-received-ts|rm-deleted)(?:=|$)/

export interface ExportOptions {
  /** Leaves out CLEARCHAT and CLEARMSG. */
  readonly hideModerationMessages: boolean
  /** Leaves out what a later line deleted. */
  readonly hideModeratedMessages: boolean
  /** Says a CLEARCHAT as a NOTICE. */
  readonly clearchatToNotice: boolean
}

/**
 * The lines of an answer from the records it is made of, both oldest first: each as it was sent, with the tags added
 * that say when it was received and whether it was deleted.
 */
export function exportLines(received: readonly Received[], options: ExportOptions): string[] {
  const shown = received.filter(({ record }) => !isWithheld(record))
  const deleted = deletedOf(shown.map(({ record }) => record))
  const lines: string[] = []
  for (const { record, receivedMs } of shown) {
    const isDeleted = deleted.has(record)
    if (options.hideModeratedMessages && isDeleted) continue
    if (options.hideModerationMessages && isModeration(record)) continue
    const tags = ['historical=1', `rm-received-ts=${receivedMs}`]
    if (isDeleted) tags.push('rm-deleted=1')
    const notice = options.clearchatToNotice ? clearChatNotice(record) : undefined
    lines.push(withTags(notice ?? record.raw, tags))
  }
  return lines
}

function isWithheld({ type, raw }: LogRecord): boolean {
  return type === 'NOTICE' && NOTICES_WITHHELD.has(rawTag(raw, 'msg-id') ?? '')
}

function isModeration({ type }: LogRecord): boolean {
  return type === 'CLEARCHAT' || type === 'CLEARMSG'
}

/** A CLEARCHAT in words; `undefined` for any other line. */
function clearChatNotice({ type, raw }: LogRecord): string | undefined {
  const message = type === 'CLEARCHAT' ? parseMessage(raw) : undefined
  if (message?.command !== 'CLEARCHAT') return undefined
  const { action, targetLogin, durationSeconds = 0, channel } = message
  const notice = (messageId: string, text: string): string =>
    renderLine({
      tags: new Map([['msg-id', messageId]]),
      source: 'tmi.twitch.tv',
      verb: 'NOTICE',
      params: [`#${channel}`, text],
    })
  switch (action) {
    case 'clear':
      return notice('rm-clearchat', 'Chat has been cleared by a moderator.')
    case 'timeout':
      return notice(
        'rm-timeout',
        `${targetLogin} has been timed out for ${humantime(durationSeconds)}.`,
      )
    case 'ban':
      return notice('rm-permaban', `${targetLogin} has been permanently banned.`)
  }
}

/** Adds tags behind those of a line, whose own bytes stay as they are. */
function withTags(line: string, added: readonly string[]): string {
  const end = line.indexOf(' ')
  if (!line.startsWith('@') || end < 0) return `@${added.join(';')} ${line}`
  const own = line.slice(1, end).split(';')
  const kept = own.filter((tag) => !ADDED_TAG.test(tag))
  return `@${[...kept, ...added].join(';')}${line.slice(end)}`
}
