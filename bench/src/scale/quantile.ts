/** How many observations were at most `le`; the last `le` is Infinity. */
export interface Bucket {
  readonly le: number
  readonly count: number
}

/**
 * A quantile as Prometheus estimates it: within its bucket observations count as spread evenly. NaN where there are none.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function quantileOf(buckets: readonly Bucket[], share: number): number {
  const wanted = (buckets.at(-1)?.count ?? 0) * share
  const at = buckets.findIndex(({ count }) => count >= wanted && count > 0)
  const bucket = buckets[at]
  if (bucket === undefined) return NaN
  const below = buckets[at - 1] ?? { le: 0, count: 0 }
  if (bucket.le === Infinity) return below.le
  const within = (wanted - below.count) / (bucket.count - below.count)
  return below.le + (bucket.le - below.le) * within
}

const BUCKET = /^(\w+)_bucket\{le="([^"]+)"\}$/

/** The buckets of a histogram without other labels, added up over what several processes show. */
export function bucketsOf(
  name: string,
  processes: readonly ReadonlyMap<string, number>[],
): readonly Bucket[] {
  const counts = new Map<number, number>()
  for (const [series, count] of processes.flatMap((metrics) => [...metrics])) {
    const [, of, edge = ''] = BUCKET.exec(series) ?? []
    if (of !== name) continue
    const le = edge === '+Inf' ? Infinity : Number(edge)
    counts.set(le, (counts.get(le) ?? 0) + count)
  }
  return [...counts].map(([le, count]) => ({ le, count })).toSorted((a, b) => a.le - b.le)
}

/** What was observed after `before`. */
export function bucketsSince(
  before: readonly Bucket[],
  after: readonly Bucket[],
): readonly Bucket[] {
  const known = new Map(before.map(({ le, count }) => [le, count]))
  return after.map(({ le, count }) => ({ le, count: count - (known.get(le) ?? 0) }))
}
