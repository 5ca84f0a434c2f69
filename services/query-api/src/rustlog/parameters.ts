import type { QueryContext } from '../app-types.ts'
import { SEARCH_CHARACTERS_MAX } from '../limits.ts'
import { parseTime } from '../query/time.ts'
import type { TimeRange } from '../read/words-range.ts'
import { badRequest } from './errors.ts'
import { U64, parseInteger } from './integers.ts'
import type { LogFormat } from './formats.ts'

/** The flags that ask for a format; the first of those that are given holds. */
const FLAGS = ['raw', 'jsonBasic', 'json', 'ndjson'] as const

/** The query of a request, its names and values decoded; unknown names are nobody's business. */
export class Parameters {
  readonly #entries: readonly (readonly [string, string])[]

  constructor(query: string) {
    this.#entries = [...new URLSearchParams(query)]
  }

  /** @throws {ProblemError} 400 when it is given twice. */
  get(name: string): string | undefined {
    const values = this.#entries.filter(([given]) => given === name)
    if (values.length > 1) throw wrongQuery(`duplicate field \`${name}\``)
    return values[0]?.[1]
  }

  /** Whether it is there, with whatever value. Fails as {@link get} does. */
  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** The first of some names that is given. */
  first(names: readonly string[]): readonly [name: string, value: string] | undefined {
    return this.#entries.find(([given]) => names.includes(given))
  }
}

/** How the rows of an answer are chosen and written. */
export interface RowParameters {
  readonly format: LogFormat
  readonly order: 'asc' | 'desc'
  readonly limit: number | undefined
  readonly offset: number
}

/** The query of a path, raw: without its `?`, `''` where there is none. */
export function rawQuery({ req: { url } }: QueryContext): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at + 1)
}

/** @throws {ProblemError} 400 with rustlog's text, as all of these do. */
export function rowParameters(query: Parameters): RowParameters {
  return {
    format: formatOf(query),
    order: query.has('reverse') ? 'desc' : 'asc',
    limit: countOf(query, 'limit'),
    offset: countOf(query, 'offset') ?? 0,
  }
}

/** The range of sent times; `undefined` unless both ends are given. justlog's Unix seconds and milliseconds are times too. */
export function rangeParameters(query: Parameters): TimeRange | undefined {
  const fromMs = timeOf(query, 'from')
  const toMs = timeOf(query, 'to')
  return fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs }
}

/** What is searched for. */
export function searchParameter(query: Parameters): string {
  const searched = query.get('q')
  if (searched === undefined) throw wrongQuery('missing field `q`')
  if (searched.length <= SEARCH_CHARACTERS_MAX) return searched
  throw wrongQuery(`q: longer than ${SEARCH_CHARACTERS_MAX} characters`)
}

export function wrongQuery(reason: string): Error {
  return badRequest(`Failed to deserialize query string: ${reason}`)
}

function formatOf(query: Parameters): LogFormat {
  const given = new Set(FLAGS.filter((flag) => query.has(flag)))
  // justlog's way to ask for one.
  const asked = query.first(['type'])?.[1]
  return FLAGS.find((flag) => given.has(flag) || flag === asked) ?? 'text'
}

function countOf(query: Parameters, name: string): number | undefined {
  const text = query.get(name)
  if (text === undefined) return undefined
  const count = parseInteger(text, U64)
  if (typeof count === 'string') throw wrongQuery(`${name}: ${count}`)
  return count
}

function timeOf(query: Parameters, name: string): number | undefined {
  const text = query.get(name)
  if (text === undefined) return undefined
  const timeMs = parseTime(text.replace(/UTC$/i, 'Z'))
  if (timeMs === undefined) throw wrongQuery(`${name}: input contains invalid characters`)
  return timeMs
}
