/**
 * - `missing`: acknowledged, and not in the answer. `lost`: sent, and never stored.
 * - `double`: in one answer twice. `order`: not in the order of (sent time, record key).
 * - `foreign`: was never sent, at least not as these bytes. `outside`: not what was asked for.
 * - `count`: below what must be counted, or above what may be. `fields`: says something else than its line.
 * - `refused`: a good question was answered with a client's error.
 * - `gap`: a loss that the coverage ledger does not tell, or one too long.
 * - `crash`: a process ended by itself. `stuck`: the fleet did not come to rest.
 */
export type ViolationKind =
  | 'missing'
  | 'lost'
  | 'double'
  | 'order'
  | 'foreign'
  | 'outside'
  | 'count'
  | 'fields'
  | 'refused'
  | 'gap'
  | 'crash'
  | 'stuck'

export interface Violation {
  readonly kind: ViolationKind
  /** What was wrong, with what it takes to look into it. */
  readonly detail: string
  /** The lines concerned. */
  readonly raw?: string | undefined
}
