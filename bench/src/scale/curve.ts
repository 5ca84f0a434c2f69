import type { Idle, Run, Setting } from './run.ts'
import type { Sweep } from './sweeps.ts'
import type { Verdict } from './verdict.ts'

/** A run, and where it lies on its curve. */
export interface Point {
  readonly x: number
  readonly setting: Setting
  readonly joinSeconds: number
  readonly idle: Idle
  readonly run: Run
  readonly verdict: Verdict
}

export interface Curve {
  readonly sweep: Sweep
  readonly points: readonly Point[]
}
