import { parseTemplate } from './template.ts'
import type { Field } from './template.ts'

const SHAPES_MAX = 5000

/** Where the value of a tag of a shape comes from. `odd`: only the rebuilt line tells. */
export type TagPlace =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'tags'; readonly index: number }
  | { readonly kind: 'field'; readonly field: Exclude<Field, 'tags'> }
  | { readonly kind: 'odd' }

type ShapeTags = ReadonlyMap<string, TagPlace>

/**
 * Emptied when full, so that no input can fill memory. `undefined` for an odd shape: a brace where none belongs, or a tag
 * that stands twice.
 */
const known = new Map<string, ShapeTags | undefined>()
const ODD = { kind: 'odd' } as const
let lastShape = ''
let lastTags: ShapeTags | undefined = new Map()

/** Where a line of this shape has the value of a tag; `undefined` when it has no such tag. */
export function shapeTag(shape: string, name: string): TagPlace | undefined {
  const tags = tagsOf(shape)
  return tags === undefined ? ODD : tags.get(name)
}

/** Whether only the rebuilt line tells what a line of this shape says: a tag stands twice, for instance. */
export function isOddShape(shape: string): boolean {
  return tagsOf(shape) === undefined
}

function tagsOf(shape: string): ShapeTags | undefined {
  if (shape === lastShape) return lastTags
  let tags = known.get(shape)
  if (tags === undefined && !known.has(shape)) {
    if (known.size >= SHAPES_MAX) known.clear()
    tags = parsedTags(shape)
    known.set(shape, tags)
  }
  lastShape = shape
  lastTags = tags
  return tags
}

/** The value of the pair with this index in a `tags` column, `null` where there is none. */
export function tagValueAt(tags: string | null, index: number): string | null {
  if (tags === null) return null
  let at = 0
  for (let pair = 0; pair < index; pair += 1) {
    at = tags.indexOf(';', at) + 1
    if (at === 0) return null
  }
  const next = tags.indexOf(';', at)
  const end = next === -1 ? tags.length : next
  const value = tags.indexOf('=', at) + 1
  return value === 0 || value > end ? null : tags.slice(value, end)
}

function parsedTags(shape: string): ShapeTags | undefined {
  const tags = new Map<string, TagPlace>()
  if (!shape.startsWith('@')) return tags
  const space = shape.indexOf(' ')
  let index = 0
  for (const tag of shape.slice(1, space === -1 ? undefined : space).split(';')) {
    const equals = tag.indexOf('=')
    const name = equals === -1 ? tag : tag.slice(0, equals)
    const value = equals === -1 ? '' : tag.slice(equals + 1)
    const field = value.includes('{') ? fieldOf(value) : undefined
    if (tags.has(name) || name.includes('{') || (value.includes('{') && field === undefined))
      return undefined
    if (field === undefined) tags.set(name, { kind: 'value', value })
    else if (field === 'tags') {
      tags.set(name, { kind: 'tags', index })
      index += 1
    } else tags.set(name, { kind: 'field', field })
  }
  return tags
}

/** The field of a value that is one placeholder and nothing else. */
function fieldOf(value: string): Field | undefined {
  const template = parseTemplate(value)
  const isOne = template?.literals.every((literal) => literal === '') === true
  return isOne && template.fields.length === 1 ? template.fields[0] : undefined
}
