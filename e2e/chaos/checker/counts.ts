import type { Book, Line, Scope } from './book.ts'
import type { Violation } from './violation.ts'

/** A count lies between what must be counted and what may be. */
export interface Bounds {
  must: number
  may: number
}

/** What is counted of which lines. Times are sent times, `[fromMs, toMs)`. */
export interface CountQuestion extends Scope {
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** What is asked, when, and which lines count; those with words where nothing is said. */
export interface Counting {
  readonly question: CountQuestion
  readonly begunAt: number
  readonly isCounted?: (line: Line) => boolean
}

/** Adds up for each line that counts what `countsOf` says of it, by name. */
export function boundsOf(
  book: Book,
  { question, begunAt, isCounted = hasWords }: Counting,
  countsOf: (line: Line) => Iterable<string>,
): Map<string, Bounds> {
  const { fromMs = 0, toMs = Number.POSITIVE_INFINITY } = question
  const all = new Map<string, Bounds>()
  for (const line of book.lines(question)) {
    if (!isCounted(line) || line.sentAtMs < fromMs || line.sentAtMs >= toMs) continue
    for (const name of countsOf(line)) {
      const bounds = all.get(name) ?? { must: 0, may: 0 }
      bounds.may += 1
      if (line.ackedAt < begunAt) bounds.must += 1
      all.set(name, bounds)
    }
  }
  return all
}

/** What is wrong with one count. */
export function checkCount(what: string, count: number, bounds: Bounds | undefined): Violation[] {
  const { must, may } = bounds ?? { must: 0, may: 0 }
  if (count >= must && count <= may) return []
  return [{ kind: 'count', detail: `${what}: ${count}, must be ${must} to ${may}` }]
}

/** What is wrong with a number of names: how many have a count at all. */
export function checkNames(
  what: string,
  count: number,
  bounds: ReadonlyMap<string, Bounds>,
): Violation[] {
  const must = [...bounds.values()].filter((each) => each.must > 0).length
  return checkCount(what, count, { must, may: bounds.size })
}

/**
 * What is wrong with a list of the highest counts, the highest first, at most `limit`: a count out of bounds, a name
 * twice, a wrong order, a name that is not there though it must be higher than the last.
 */
export function checkLeaders(
  what: string,
  {
    leaders,
    limit,
  }: { readonly leaders: readonly (readonly [string, number])[]; readonly limit: number },
  bounds: ReadonlyMap<string, Bounds>,
): Violation[] {
  const violations: Violation[] = []
  const listed = new Set<string>()
  let last = Number.POSITIVE_INFINITY
  for (const [name, count] of leaders) {
    violations.push(...checkCount(`${what} ${name}`, count, bounds.get(name)))
    if (listed.has(name))
      violations.push({ kind: 'double', detail: `${what} ${name}: listed twice` })
    if (count > last)
      violations.push({ kind: 'order', detail: `${what} ${name}: ${count} after ${last}` })
    listed.add(name)
    last = count
  }
  const least = leaders.length < limit ? 0 : last
  for (const [name, { must }] of bounds) {
    if (must <= least || listed.has(name)) continue
    violations.push({
      kind: 'count',
      detail: `${what} ${name}: not listed, must be ${must} or more`,
    })
  }
  return violations
}

function hasWords({ words }: Line): boolean {
  return words !== undefined
}
