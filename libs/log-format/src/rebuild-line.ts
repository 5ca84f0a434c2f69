import type { LineColumns, LineFields } from './line-columns.ts'
import { millisText, uuidOfKey } from './field-text.ts'
import { parseTemplate } from './template.ts'
import type { Field, Template } from './template.ts'

const TEMPLATES_MAX = 20_000

/** Shapes repeat: about 100 cover a channel's day. Emptied when full, so that no input can fill memory. */
const templates = new Map<string, Template | undefined>()
let last: Template | undefined

/**
 * Rebuilds the line that `encodeShape` took apart, byte for byte.
 *
 * @returns `undefined` where the columns do not make a line: an unknown placeholder, a column that a
 *   placeholder names and that is absent, tags left over. From a segment that is corruption.
 */
export function rebuildLine(fields: LineFields, columns: LineColumns): string | undefined {
  if (columns.shape === null) return columns.raw ?? undefined
  const template = templateOf(columns.shape)
  return template === undefined ? undefined : fillTemplate(template, fields, columns)
}

/** {@link rebuildLine} with a shape that is already taken apart. */
export function fillTemplate(
  { literals, fields: names }: Template,
  fields: LineFields,
  columns: LineColumns,
): string | undefined {
  let line = literals[0] ?? ''
  let tagsAt = 0
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index]
    let value: string | null = null
    if (name === 'tags') {
      value = nextTagValue(columns.tags, tagsAt)
      tagsAt = columns.tags === null ? 0 : tagEnd(columns.tags, tagsAt) + 1
    } else if (name !== undefined) value = valueOf(name, fields, columns)
    if (value === null) return undefined
    line += value
    line += literals[index + 1] ?? ''
  }
  return isUsedUp(columns.tags, tagsAt) ? line : undefined
}

/** The value of the pair of `tags` that begins at `at`, `null` where there is none. */
function nextTagValue(tags: string | null, at: number): string | null {
  if (tags === null || at > tags.length) return null
  const end = tagEnd(tags, at)
  const value = tags.indexOf('=', at) + 1
  return value === 0 || value > end ? null : tags.slice(value, end)
}

function isUsedUp(tags: string | null, tagsAt: number): boolean {
  return tags === null ? tagsAt === 0 : tagsAt === tags.length + 1
}

function valueOf(
  name: Exclude<Field, 'tags'>,
  fields: LineFields,
  columns: LineColumns,
): string | null {
  if (name === 'key') return uuidOfKey(fields.key)
  if (name === 'sentAtMs') return millisText(fields.sentAtMs)
  if (name === 'channelId' || name === 'channelLogin' || name === 'userId') return fields[name]
  return columns[name]
}

function tagEnd(tags: string, at: number): number {
  const end = tags.indexOf(';', at)
  return end === -1 ? tags.length : end
}

function templateOf(shape: string): Template | undefined {
  if (last?.shape === shape) return last
  last = knownTemplate(shape)
  return last
}

function knownTemplate(shape: string): Template | undefined {
  const known = templates.get(shape)
  if (known !== undefined || templates.has(shape)) return known
  if (templates.size >= TEMPLATES_MAX) templates.clear()
  const template = parseTemplate(shape)
  templates.set(shape, template)
  return template
}
