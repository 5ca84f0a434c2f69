import { SERVER } from '../replies.ts'
import type { Said, Room } from './room.ts'

/** What only some messages have. Tags stand in alphabetical order, as Twitch sends them. */
export interface MessageExtras {
  readonly sentMs: number
  readonly isAction?: boolean
  readonly isFirst?: boolean
  readonly isReturning?: boolean
  readonly bits?: number
  readonly flags?: string
  readonly nonce?: string
  readonly replyTo?: Said | undefined
  /** The original of a message in shared chat. */
  readonly source?: { readonly said: Said; readonly roomId: string } | undefined
}

export function messageLine(room: Room, said: Said, extras: MessageExtras): string {
  const { chatter, member, text, id } = said
  const body = extras.isAction === true ? `\u0001ACTION ${text.text}\u0001` : text.text
  return (
    `@badge-info=${member.badgeInfo};badges=${member.badges}` +
    (extras.bits === undefined ? '' : `;bits=${extras.bits}`) +
    (extras.nonce === undefined ? '' : `;client-nonce=${extras.nonce}`) +
    `;color=${chatter.color};display-name=${chatter.displayName}` +
    (text.isEmoteOnly ? ';emote-only=1' : '') +
    `;emotes=${text.emotes};first-msg=${flag(extras.isFirst)};flags=${extras.flags ?? ''};id=${id}` +
    `;mod=${flag(member.isMod)}${replyTags(extras.replyTo)};returning-chatter=${flag(extras.isReturning)}` +
    `;room-id=${room.roomId}${sourceTags(extras.source)};subscriber=${flag(member.isSubscriber)}` +
    `;tmi-sent-ts=${extras.sentMs};turbo=${flag(chatter.isTurbo)};user-id=${chatter.userId}` +
    `;user-type=${member.isMod ? 'mod' : ''}${member.isVip ? ';vip=1' : ''}` +
    ` :${chatter.login}!${chatter.login}@${chatter.login}.${SERVER} PRIVMSG #${room.login} :${body}`
  )
}

/** `params` are the `msg-param-` tags, already in alphabetical order, each with its leading `;`. */
export function noticeLine(
  room: Room,
  said: Said,
  notice: { sentMs: number; msgId: string; params: string; systemMessage: string },
): string {
  const { chatter, member, text, id } = said
  return (
    `@badge-info=${member.badgeInfo};badges=${member.badges};color=${chatter.color}` +
    `;display-name=${chatter.displayName};emotes=${text.emotes};flags=;id=${id};login=${chatter.login}` +
    `;mod=${flag(member.isMod)};msg-id=${notice.msgId}${notice.params};room-id=${room.roomId}` +
    `;subscriber=${flag(member.isSubscriber)};system-msg=${escapeTag(notice.systemMessage)}` +
    `;tmi-sent-ts=${notice.sentMs};user-id=${chatter.userId};user-type=${member.isMod ? 'mod' : ''}` +
    `;vip=${flag(member.isVip)} :${SERVER} USERNOTICE #${room.login}${text.text === '' ? '' : ` :${text.text}`}`
  )
}

/** `durationSeconds` `undefined`: a ban for good. */
export function clearChatLine(
  room: Room,
  target: Said | undefined,
  clear: { sentMs: number; durationSeconds: number | undefined },
): string {
  if (target === undefined) {
    return `@room-id=${room.roomId};tmi-sent-ts=${clear.sentMs} :${SERVER} CLEARCHAT #${room.login}`
  }
  const { userId, login } = target.chatter
  const duration =
    clear.durationSeconds === undefined ? '' : `ban-duration=${clear.durationSeconds};`
  const tags = `@${duration}room-id=${room.roomId};target-user-id=${userId};tmi-sent-ts=${clear.sentMs}`
  return `${tags} :${SERVER} CLEARCHAT #${room.login} :${login}`
}

/** Its `room-id` is empty: that is how Twitch sends it. */
export function clearMessageLine(room: Room, target: Said, sentMs: number): string {
  const tags = `@login=${target.chatter.login};room-id=;target-msg-id=${target.id};tmi-sent-ts=${sentMs}`
  return `${tags} :${SERVER} CLEARMSG #${room.login} :${target.text.text}`
}

export function roomNoticeLine(room: Room, msgId: string, text: string): string {
  return `@msg-id=${msgId} :${SERVER} NOTICE #${room.login} :${text}`
}

/** Only the tag that has changed, as Twitch sends it. */
export function roomStateLine(room: Room, changed: 'slow' | 'emote-only', value: number): string {
  const tags =
    changed === 'slow'
      ? `@room-id=${room.roomId};slow=${value}`
      : `@emote-only=${value};room-id=${room.roomId}`
  return `${tags} :${SERVER} ROOMSTATE #${room.login}`
}

/** @see https://ircv3.net/specs/extensions/message-tags#escaping-values */
function escapeTag(value: string): string {
  if (!/[\\; \r\n]/.test(value)) return value
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll(';', '\\:')
    .replaceAll(' ', '\\s')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
}

function replyTags(to: Said | undefined): string {
  if (to === undefined) return ''
  const { displayName, userId, login } = to.chatter
  return (
    `;reply-parent-display-name=${displayName};reply-parent-msg-body=${escapeTag(to.text.text)}` +
    `;reply-parent-msg-id=${to.id};reply-parent-user-id=${userId};reply-parent-user-login=${login}` +
    `;reply-thread-parent-display-name=${displayName};reply-thread-parent-msg-id=${to.id}` +
    `;reply-thread-parent-user-id=${userId};reply-thread-parent-user-login=${login}`
  )
}

function sourceTags(source: MessageExtras['source']): string {
  if (source === undefined) return ''
  const { member, id } = source.said
  return (
    `;source-badge-info=${member.badgeInfo};source-badges=${member.badges};source-id=${id}` +
    `;source-only=0;source-room-id=${source.roomId}`
  )
}

function flag(value: boolean | undefined): string {
  return value === true ? '1' : '0'
}
