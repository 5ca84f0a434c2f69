/** A time, `[fromMs, toMs)`. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** The same time as spans that are apart and in order; empty ones are left out. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = []
  let last: { fromMs: number; toMs: number } | undefined
  for (const { fromMs, toMs } of spans.toSorted((left, right) => left.fromMs - right.fromMs)) {
    if (toMs <= fromMs) continue
    if (last !== undefined && fromMs <= last.toMs) {
      last.toMs = Math.max(last.toMs, toMs)
    } else {
      last = { fromMs, toMs }
      joined.push(last)
    }
  }
  return joined
}

/** What is in `spans`, which are apart and in order, and in none of `holes`. */
export function withoutSpans(spans: readonly Span[], holes: readonly Span[]): Span[] {
  const apart = joinSpans(holes)
  const left: Span[] = []
  let first = 0
  for (const { fromMs, toMs } of spans) {
    let atMs = fromMs
    while ((apart[first]?.toMs ?? Number.POSITIVE_INFINITY) <= fromMs) first += 1
    for (let index = first; index < apart.length; index += 1) {
      const hole = apart[index]
      if (hole === undefined || hole.fromMs >= toMs) break
      if (hole.fromMs > atMs) left.push({ fromMs: atMs, toMs: hole.fromMs })
      atMs = Math.max(atMs, hole.toMs)
    }
    if (atMs < toMs) left.push({ fromMs: atMs, toMs })
  }
  return left
}
