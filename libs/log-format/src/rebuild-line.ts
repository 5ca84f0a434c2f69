import type { LineColumn, LineColumns, LineFields } from './line-columns.ts'
import { uuidOfKey } from './record-key.ts'

const PLACEHOLDER = /\{([a-z_]+)\}/
const TEMPLATES_MAX = 20_000

type Field = keyof LineFields | LineColumn | 'tags'

/** A shape taken apart: `literals[0] fields[0] literals[1] …`; one literal more than fields. */
interface Template {
  readonly literals: readonly string[]
  readonly fields: readonly Field[]
}

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['channel_id', 'channelId'],
  ['channel_login', 'channelLogin'],
  ['user_id', 'userId'],
  ['sent_at', 'sentAtMs'],
  ['id', 'key'],
  ['login', 'login'],
  ['display_name', 'displayName'],
  ['color', 'color'],
  ['badges', 'badges'],
  ['badge_info', 'badgeInfo'],
  ['emotes', 'emotes'],
  ['text', 'text'],
  ['tags', 'tags'],
])

/** Shapes repeat: about 100 cover a channel's day. Emptied when full, so that no input can fill memory. */
const templates = new Map<string, Template | undefined>()

/**
 * Rebuilds the line that `encodeShape` took apart, byte for byte.
 *
 * @returns `undefined` where the columns do not make a line: an unknown placeholder, a column that a
 *   placeholder names and that is absent, tags left over. From a segment that is corruption.
 */
export function rebuildLine(fields: LineFields, columns: LineColumns): string | undefined {
  if (columns.shape === null) return columns.raw ?? undefined
  const template = templateOf(columns.shape)
  if (template === undefined) return undefined
  const { literals, fields: names } = template
  let line = literals[0] ?? ''
  let tagsAt = 0
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index]
    if (name === 'tags') {
      if (columns.tags === null || tagsAt > columns.tags.length) return undefined
      const end = tagEnd(columns.tags, tagsAt)
      const value = columns.tags.indexOf('=', tagsAt) + 1
      if (value === 0 || value > end) return undefined
      line += columns.tags.slice(value, end)
      tagsAt = end + 1
    } else {
      const value = name === undefined ? null : valueOf(name, fields, columns)
      if (value === null) return undefined
      line += value
    }
    line += literals[index + 1] ?? ''
  }
  const tagsLength = columns.tags === null ? -1 : columns.tags.length
  return tagsAt === tagsLength + 1 ? line : undefined
}

function valueOf(
  name: Exclude<Field, 'tags'>,
  fields: LineFields,
  columns: LineColumns,
): string | null {
  switch (name) {
    case 'channelId':
      return fields.channelId
    case 'channelLogin':
      return fields.channelLogin
    case 'userId':
      return fields.userId
    case 'sentAtMs':
      return String(fields.sentAtMs)
    case 'key':
      return uuidOfKey(fields.key)
    case 'login':
      return columns.login
    case 'displayName':
      return columns.displayName
    case 'color':
      return columns.color
    case 'badges':
      return columns.badges
    case 'badgeInfo':
      return columns.badgeInfo
    case 'emotes':
      return columns.emotes
    case 'text':
      return columns.text
  }
}

function tagEnd(tags: string, at: number): number {
  const end = tags.indexOf(';', at)
  return end === -1 ? tags.length : end
}

function templateOf(shape: string): Template | undefined {
  const known = templates.get(shape)
  if (known !== undefined || templates.has(shape)) return known
  if (templates.size >= TEMPLATES_MAX) templates.clear()
  const template = parseTemplate(shape)
  templates.set(shape, template)
  return template
}

function parseTemplate(shape: string): Template | undefined {
  // A split by a pattern with one group gives literal, name, literal, name, …, literal.
  const pieces = shape.split(PLACEHOLDER)
  const literals: string[] = []
  const fields: Field[] = []
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 0) literals.push(piece)
    else {
      const field = FIELDS.get(piece)
      if (field === undefined) return undefined
      fields.push(field)
    }
  }
  return { literals, fields }
}
