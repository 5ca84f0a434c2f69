import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

export type { Counter, Gauge, Histogram } from 'prom-client'

/** A metric's name without the prefix, what it means, and its labels (a small, known set of values each). */
export interface MetricOptions<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly Label[]
}

/** The metrics of one process. All names get the prefix. */
export interface Metrics {
  readonly registry: Registry
  readonly counter: <Label extends string = never>(options: MetricOptions<Label>) => Counter<Label>
  readonly gauge: <Label extends string = never>(
    options: MetricOptions<Label> & {
      readonly collect?: (gauge: Gauge<Label>) => void | Promise<void>
    },
  ) => Gauge<Label>
  /** `buckets` are upper bounds, rising, in the unit of the name. */
  readonly histogram: <Label extends string = never>(
    options: MetricOptions<Label> & { readonly buckets: readonly number[] },
  ) => Histogram<Label>
}

/**
 * Creates a registry of its own with the metrics of the Node process (memory, event loop, garbage
 * collection) already in it.
 *
 * @param prefix put in front of every name, `poglog_archiver_` for example.
 */
export function createMetrics(prefix: string): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const common = <Label extends string>({ name, help, labelNames }: MetricOptions<Label>) => ({
    name: `${prefix}${name}`,
    help,
    labelNames: labelNames ?? [],
    registers: [registry],
  })
  return {
    registry,
    counter: (options) => new Counter(common(options)),
    gauge(options) {
      const { collect } = options
      if (collect === undefined) return new Gauge(common(options))
      return new Gauge({
        ...common(options),
        collect() {
          return collect(this)
        },
      })
    },
    histogram: (options) => new Histogram({ ...common(options), buckets: [...options.buckets] }),
  }
}
