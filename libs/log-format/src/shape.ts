import { parseRouting } from '@poglog/irc-parser'
import { NO_COLUMNS } from './line-columns.ts'
import type { LineColumn, LineColumns, LineFields } from './line-columns.ts'
import { rebuildLine } from './rebuild-line.ts'
import { keyOfUuid, uuidOfKey } from './record-key.ts'

const AT = 0x40
const COLON = 0x3a
const SHAPE_LENGTH_MAX = 2000
const HOST = '.tmi.twitch.tv'
/** Sources that are the same for every line; all others but a user's own go to `raw`. */
const FIXED_SOURCES: ReadonlySet<string> = new Set(['tmi.twitch.tv', 'poglog', 'jtv'])

/** The columns while they are being filled. */
type Draft = { -readonly [Name in keyof LineColumns]: LineColumns[Name] }

/** Tags whose value a column of their own holds, with the shape of such a tag. */
const TAG_COLUMNS: ReadonlyMap<string, { readonly column: LineColumn; readonly shape: string }> =
  new Map([
    ['login', { column: 'login', shape: 'login={login}' }],
    ['display-name', { column: 'displayName', shape: 'display-name={display_name}' }],
    ['color', { column: 'color', shape: 'color={color}' }],
    ['badges', { column: 'badges', shape: 'badges={badges}' }],
    ['badge-info', { column: 'badgeInfo', shape: 'badge-info={badge_info}' }],
    ['emotes', { column: 'emotes', shape: 'emotes={emotes}' }],
  ])

/** A line taken apart on its own; rebuild it with `rebuildLine(encoded.fields, encoded.columns)`. */
export interface EncodedLine {
  readonly fields: LineFields
  readonly columns: LineColumns
}

/**
 * Takes any string apart into the columns of a segment.
 *
 * What does not come back byte for byte (another command's odd form, a strange source) is whole in
 * `raw`. Half a surrogate pair survives here, but not in UTF-8: `recordFromLine` rejects such lines.
 */
export function encodeShape(line: string): EncodedLine {
  const routing = parseRouting(line)
  const fields = {
    channelId: routing?.channelId ?? '',
    channelLogin: routing?.channel ?? '',
    userId: routing?.userId ?? '',
    sentAtMs: routing?.sentAtMs ?? -1,
    key: keyOfUuid(routing?.id ?? '') ?? '',
  }
  return { fields, columns: encodeLine(fields, line) }
}

/** The columns of a line of which `fields` is already known. Every result has been rebuilt and compared. */
export function encodeLine(fields: LineFields, line: string): LineColumns {
  const draft: Draft = { ...NO_COLUMNS }
  const shape = shapeOf(fields, line, draft)
  if (shape !== undefined && shape.length <= SHAPE_LENGTH_MAX) {
    draft.shape = shape
    if (rebuildLine(fields, draft) === line) return draft
  }
  const routing = parseRouting(line)
  // Who and what stay readable for SQL; all the rest is in `raw`.
  const login = routing === undefined || routing.login === '' ? null : routing.login
  return { ...NO_COLUMNS, login, text: routing?.text ?? null, raw: line }
}

/**
 * The shape: the line with placeholders where a column holds the value. A shape that is wrong (a
 * tag named `{text}`, say) is found by the comparison, so nothing is escaped here.
 */
function shapeOf(fields: LineFields, line: string, draft: Draft): string | undefined {
  let at = 0
  let shape = ''
  if (line.charCodeAt(0) === AT) {
    const space = line.indexOf(' ')
    if (space === -1) return undefined
    shape = `${tagsShape(fields, line.slice(1, space), draft)} `
    at = space + 1
  }
  if (line.charCodeAt(at) === COLON) {
    const space = line.indexOf(' ', at)
    if (space === -1) return undefined
    const source = sourceShape(line.slice(at + 1, space), draft)
    if (source === undefined) return undefined
    shape += source
    at = space + 1
  }
  const rest = restShape(fields, line.slice(at), draft)
  return rest === undefined ? undefined : shape + rest
}

function tagsShape(fields: LineFields, tags: string, draft: Draft): string {
  let shape = '@'
  let others = ''
  for (let at = 0; ;) {
    const semicolon = tags.indexOf(';', at)
    const end = semicolon === -1 ? tags.length : semicolon
    const equals = tags.indexOf('=', at)
    if (equals === -1 || equals >= end) shape += tags.slice(at, end)
    else {
      const name = tags.slice(at, equals)
      const value = tags.slice(equals + 1, end)
      const own = ownShape(name, value, fields) ?? columnShape(name, value, draft)
      if (own !== undefined) shape += own
      else if (value === '' || value === '0' || value === '1') shape += tags.slice(at, end)
      else {
        shape += `${name}={tags}`
        others += `;${tags.slice(at, end)}`
      }
    }
    if (semicolon === -1) break
    shape += ';'
    at = semicolon + 1
  }
  if (others !== '') draft.tags = others.slice(1)
  return shape
}

/** The shape of a tag that says what the record's own fields say. */
function ownShape(name: string, value: string, fields: LineFields): string | undefined {
  switch (name) {
    case 'id':
      return fields.key !== '' && value === uuidOfKey(fields.key) ? 'id={id}' : undefined
    case 'room-id':
      return value !== '' && value === fields.channelId ? 'room-id={channel_id}' : undefined
    case 'user-id':
      return value !== '' && value === fields.userId ? 'user-id={user_id}' : undefined
    case 'target-user-id':
      return value !== '' && value === fields.userId ? 'target-user-id={user_id}' : undefined
    case 'tmi-sent-ts':
      return value === String(fields.sentAtMs) ? 'tmi-sent-ts={sent_at}' : undefined
    default:
      return undefined
  }
}

function columnShape(name: string, value: string, draft: Draft): string | undefined {
  const known = TAG_COLUMNS.get(name)
  if (known === undefined) return undefined
  draft[known.column] ??= value
  return draft[known.column] === value ? known.shape : undefined
}

function sourceShape(source: string, draft: Draft): string | undefined {
  if (FIXED_SOURCES.has(source)) return `:${source} `
  const nick = source.slice(0, source.indexOf('!'))
  if (source !== `${nick}!${nick}@${nick}${HOST}`) return undefined
  draft.login ??= nick
  return draft.login === nick ? ':{login}!{login}@{login}.tmi.twitch.tv ' : undefined
}

/** From the command on: `COMMAND`, `COMMAND #channel`, and with ` :text` or one word behind it. */
function restShape(fields: LineFields, rest: string, draft: Draft): string | undefined {
  const commandEnd = rest.indexOf(' ')
  if (commandEnd === -1) return rest
  const channel = ` #${fields.channelLogin}`
  if (fields.channelLogin === '' || !rest.startsWith(channel, commandEnd)) return undefined
  const command = `${rest.slice(0, commandEnd)} #{channel_login}`
  const text = rest.slice(commandEnd + channel.length)
  if (text === '') return command
  if (text.startsWith(' :')) {
    draft.text = text.slice(2)
    return `${command} :{text}`
  }
  const word = text.slice(1)
  if (!text.startsWith(' ') || word === '' || word.includes(' ')) return undefined
  draft.text = word
  return `${command} {text}`
}
