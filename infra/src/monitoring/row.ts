/** Grafana's names for units. */
type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'cps' | 'Bps' | 'reqps'

export interface Panel {
  readonly title: string
  /** What somebody who has not built poglog sees in it. */
  readonly description: string
  readonly unit: Unit
  /** Expressions by their legend, which may name labels as `{{label}}`: then each value has a line. */
  readonly queries: Readonly<Record<string, string>>
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}
