import { parseRouting } from '@poglog/irc-parser'
import { NO_COLUMNS } from './line-columns.ts'
import type { LineColumns, LineFields } from './line-columns.ts'
import { fillTemplate } from './rebuild-line.ts'
import { millisText, uuidOfKey } from './field-text.ts'
import { keyOfUuid } from './record-key.ts'
import {
  FIRST_TAG,
  TagForm,
  firstStep,
  stepTag,
  stepText,
  tagNameAt,
  templateAt,
} from './shape-trie.ts'
import type { ShapeStep, TagName, TagRole } from './shape-trie.ts'

const AT = 0x40
const COLON = 0x3a
const ZERO = 0x30
const ONE = 0x31
const SHAPE_LENGTH_MAX = 2000
const HOST = '.tmi.twitch.tv'
const USER_SOURCE = ':{login}!{login}@{login}.tmi.twitch.tv '
/** Sources that are the same for every line; all others but a user's own go to `raw`. */
const FIXED_SOURCES: ReadonlySet<string> = new Set(['tmi.twitch.tv', 'poglog', 'jtv'])

/** The columns while they are being filled. */
type Draft = { -readonly [Name in keyof LineColumns]: LineColumns[Name] }

/** A part of a line: characters `[start, end)`. */
interface Span {
  readonly start: number
  readonly end: number
}

/** A line being taken apart. */
interface Work {
  readonly line: string
  readonly fields: LineFields
  readonly draft: Draft
}

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
  const step = shapeOf({ line, fields, draft })
  const template = step === undefined ? null : templateAt(step)
  if (template !== null && template.shape.length <= SHAPE_LENGTH_MAX) {
    draft.shape = template.shape
    if (fillTemplate(template, fields, draft) === line) return draft
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
function shapeOf(work: Work): ShapeStep | undefined {
  const { line } = work
  let at = 0
  let step = firstStep()
  if (line.charCodeAt(0) === AT) {
    const space = line.indexOf(' ')
    if (space === -1) return undefined
    step = stepText(tagsShape(work, stepText(step, '@'), space), ' ')
    at = space + 1
  }
  if (line.charCodeAt(at) === COLON) {
    const end = line.indexOf(' ', at)
    const source = end === -1 ? undefined : sourceShape(work, { start: at + 1, end })
    if (source === undefined) return undefined
    step = stepText(step, source)
    at = end + 1
  }
  return restShape(work, step, at)
}

function tagsShape(work: Work, first: ShapeStep, tagsEnd: number): ShapeStep {
  const { line, draft } = work
  let step = first
  let others = ''
  let previous = FIRST_TAG
  for (let at = 1; at <= tagsEnd;) {
    const semicolon = line.indexOf(';', at)
    const end = semicolon === -1 || semicolon > tagsEnd ? tagsEnd : semicolon
    const tag = nextTag(previous, line, { start: at, end })
    const valueAt = at + tag.prefix.length
    const form = valueAt > end ? TagForm.bare : formOf(work, tag, { start: valueAt, end })
    if (form === TagForm.other) others += `;${line.slice(at, end)}`
    step = stepTag(step, tag, form)
    previous = tag
    at = end + 1
  }
  if (others !== '') draft.tags = others.slice(1)
  return step
}

/** The tag at `[start, end)`; the one that followed last time needs no look-up. */
function nextTag(
  previous: TagName,
  line: string,
  { start, end }: { start: number; end: number },
): TagName {
  const likely = previous.next
  if (likely !== undefined && line.startsWith(likely.prefix, start)) return likely
  const equals = line.indexOf('=', start)
  const tag = tagNameAt(line, start, equals === -1 || equals > end ? end : equals)
  previous.next = tag
  return tag
}

function formOf(work: Work, tag: TagName, { start, end }: Span): number {
  if (tag.role !== undefined && isOfRole(work, tag.role, { start, end })) return TagForm.column
  if (end === start) return TagForm.empty
  if (end - start > 1) return TagForm.other
  const digit = work.line.charCodeAt(start)
  if (digit === ZERO) return TagForm.zero
  return digit === ONE ? TagForm.one : TagForm.other
}

/** Whether the value is that of the field or column the tag stands for; the first tag fills a column. */
function isOfRole({ line, fields, draft }: Work, role: NonNullable<TagRole>, span: Span): boolean {
  if (role === 'id') return fields.key !== '' && isAt(line, uuidOfKey(fields.key), span)
  if (role === 'sentAtMs') return isAt(line, millisText(fields.sentAtMs), span)
  if (role === 'channelId' || role === 'userId') return isAt(line, fields[role], span)
  const known = draft[role]
  if (known !== null) return line.slice(span.start, span.end) === known
  draft[role] = line.slice(span.start, span.end)
  return true
}

/** Whether a text that is not empty is the part of a line. */
function isAt(line: string, text: string, { start, end }: Span): boolean {
  return text !== '' && text.length === end - start && line.startsWith(text, start)
}

function sourceShape({ line, draft }: Work, { start, end }: Span): string | undefined {
  const length = (end - start - HOST.length - 2) / 3
  const nick = draft.login ?? line.slice(start, start + Math.max(length, 0))
  const isUser =
    nick.length === length &&
    line.startsWith(nick, start) &&
    line.startsWith(nick, start + length + 1) &&
    line.startsWith(nick, start + 2 * (length + 1)) &&
    line.startsWith(HOST, end - HOST.length)
  if (isUser) {
    // What stands between them is found by the comparison.
    draft.login = nick
    return USER_SOURCE
  }
  const source = line.slice(start, end)
  return FIXED_SOURCES.has(source) ? `:${source} ` : undefined
}

/** From the command on: `COMMAND`, `COMMAND #channel`, and with ` :text` or one word behind it. */
function restShape(
  { line, fields, draft }: Work,
  step: ShapeStep,
  at: number,
): ShapeStep | undefined {
  const commandEnd = line.indexOf(' ', at)
  if (commandEnd === -1) return stepText(step, line.slice(at))
  const channel = ` #${fields.channelLogin}`
  if (fields.channelLogin === '' || !line.startsWith(channel, commandEnd)) return undefined
  const target = stepText(stepText(step, line.slice(at, commandEnd)), ' #{channel_login}')
  const textAt = commandEnd + channel.length
  if (textAt === line.length) return target
  if (line.startsWith(' :', textAt)) {
    draft.text = line.slice(textAt + 2)
    return stepText(target, ' :{text}')
  }
  const word = line.slice(textAt + 1)
  if (!line.startsWith(' ', textAt) || word === '' || word.includes(' ')) return undefined
  draft.text = word
  return stepText(target, ' {text}')
}
