import type { ColumnValues, DictionaryValues } from './column-values.ts'
import { compareCodePoints } from './order.ts'

/** The least and the greatest value of a column, or of some of its rows: texts, or milliseconds. */
export interface Bounds {
  readonly min: string | number
  readonly max: string | number
}

/** The bounds of rows `[start, end)`; `undefined` where there is no value, or no order that anybody asks for. */
export function boundsOf(values: ColumnValues, start: number, end: number): Bounds | undefined {
  switch (values.kind) {
    case 'dictionary':
      return dictionaryBounds(values, start, end)
    case 'time':
      return greatestOf(values.times.subarray(start, end))
    case 'text':
    case 'uuid':
      return undefined
  }
}

export function compareBounds(left: string | number, right: string | number): number {
  if (typeof left === 'string' && typeof right === 'string') return compareCodePoints(left, right)
  return Number(left) - Number(right)
}

/** Compares each entry that occurs once, however often it does. */
function dictionaryBounds(
  { entries, indexes, rows }: DictionaryValues,
  start: number,
  end: number,
): Bounds | undefined {
  return greatestOf(
    start === 0 && end === rows ? entries : occurring(entries, indexes.subarray(start, end)),
  )
}

function occurring(
  entries: readonly (string | number)[],
  indexes: Int32Array,
): (string | number)[] {
  const isSeen = new Uint8Array(entries.length)
  const found: (string | number)[] = []
  for (const index of indexes) {
    if (index === -1 || isSeen[index] === 1) continue
    isSeen[index] = 1
    const entry = entries[index]
    if (entry !== undefined) found.push(entry)
  }
  return found
}

function greatestOf(values: ArrayLike<string | number>): Bounds | undefined {
  let min = values[0]
  let max = values[0]
  for (let at = 1; at < values.length; at += 1) {
    const value = values[at]
    if (value === undefined || min === undefined || max === undefined) continue
    if (compareBounds(value, min) < 0) min = value
    if (compareBounds(value, max) > 0) max = value
  }
  return min === undefined || max === undefined ? undefined : { min, max }
}
