/** One measured value. A row that is a target says what to reach and whether it was reached. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target?: number
  readonly reached?: boolean
}

export interface BenchOptions {
  /** A file of IRC lines to measure with, instead of generated ones. */
  readonly corpus: string | undefined
  /** How much chat the archive of the benches `archive` and `query` holds. */
  readonly days: number
  readonly messagesADay: number
  readonly seed: number
  /** Leaves the archive where it was built, and takes one that was left there. */
  readonly keep: boolean
  /** Where `scale` draws its curves, an SVG file; nowhere without. */
  readonly plot: string | undefined
  /** What ends with the run: what one bench has made, the next may use. */
  readonly resources: AsyncDisposableStack
}

/** What each bench file exports as `bench`. */
export interface Bench {
  readonly description: string
  run(options: BenchOptions): Promise<readonly Row[]>
}

/** A row that has to be at least `target`. */
export function atLeast(target: number, row: Omit<Row, 'target' | 'reached'>): Row {
  return { ...row, target, reached: row.value >= target }
}

/** A row that has to be at most `target`. */
export function atMost(target: number, row: Omit<Row, 'target' | 'reached'>): Row {
  return { ...row, target, reached: row.value <= target }
}
