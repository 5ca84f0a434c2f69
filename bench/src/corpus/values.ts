import { isDeepStrictEqual } from 'node:util'

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What differs between two values, in one line; `undefined` where nothing does. Absent and `null` are one. */
export function difference(found: unknown, expected: unknown): string | undefined {
  const ours = withoutUndefined(found)
  if (isDeepStrictEqual(ours, expected)) return undefined
  return `expected ${JSON.stringify(expected)}, found ${JSON.stringify(ours)}`
}

/** {@link difference} of those fields alone that are expected; a field that we cannot show differs. */
export function differenceOfFields(
  view: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const [name, value] of Object.entries(expected)) {
    if (!(name in view)) return `no field ${name}`
    const fault = difference(view[name], value)
    if (fault !== undefined) return `${name}: ${fault}`
  }
  return undefined
}

/**
 * A Rust value, as the suites write it, made plain: strings, numbers, lists and objects stay; a
 * variant with fields becomes an object with its name as `type`, one without becomes its name.
 */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (!isRecord(value)) return value
  const [name = ''] = Object.keys(value)
  const inner = value[name]
  if (name === '$id') return lastPart(String(inner))
  if (name === '$String::new') return ''
  if (name === '$HashSet::new') return []
  if (name === '$ms' || name === '$secs') return inner
  if (name === '$range' && Array.isArray(inner))
    return { start: plain(inner[0]), end: plain(inner[1]) }
  if (name.startsWith('$') && name !== '$type' && Array.isArray(inner)) {
    return wrapped(lastPart(name.slice(1)), plain(inner[0]))
  }
  return struct(value)
}

function wrapped(name: string, inner: unknown): unknown {
  if (name === 'from' || name === 'from_iter') return inner
  return isRecord(inner) ? { ...inner, type: name } : [name, inner]
}

function struct(value: Readonly<Record<string, unknown>>): unknown {
  const { $type: type, ...fields } = value
  const entries = Object.entries(fields).map(([name, field]) => [name, plain(field)])
  const isVariant = typeof type === 'string' && type.includes('::')
  return Object.fromEntries(isVariant ? [...entries, ['type', lastPart(type)]] : entries)
}

function lastPart(path: string): string {
  return path.split('::').at(-1) ?? path
}

function withoutUndefined(value: unknown): unknown {
  if (value === undefined) return null
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, withoutUndefined(field)]),
  )
}
