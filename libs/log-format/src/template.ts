import type { LineColumn, LineFields } from './line-columns.ts'

const PLACEHOLDER = /\{([a-z_]+)\}/

/** What a placeholder stands for. `tags` is the next value in the `tags` column. */
export type Field = keyof LineFields | LineColumn | 'tags'

/** A shape taken apart: `literals[0] fields[0] literals[1] …`; one literal more than fields. */
export interface Template {
  readonly shape: string
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

/** Takes a shape apart; `undefined` when it has a placeholder that stands for nothing. */
export function parseTemplate(shape: string): Template | undefined {
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
  return { shape, literals, fields }
}
