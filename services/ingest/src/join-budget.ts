/** Who may join how many channels now. With several replicas this becomes one budget an address. */
export interface JoinBudget {
  /** Takes up to `wanted` joins and returns how many were granted. */
  readonly take: (wanted: number) => number
}

export interface JoinBudgetOptions {
  readonly joinsMax: number
  readonly windowMs: number
  readonly nowMs: () => number
}

/**
 * At most `joinsMax` joins in any `windowMs`, also across the edge of two windows: a bucket that fills
 * up steadily would allow nearly twice as many.
 */
export function createJoinBudget({ joinsMax, windowMs, nowMs }: JoinBudgetOptions): JoinBudget {
  const takenAtMs: number[] = []
  return {
    take(wanted) {
      const now = nowMs()
      const oldest = takenAtMs.findIndex((atMs) => now - atMs < windowMs)
      takenAtMs.splice(0, oldest === -1 ? takenAtMs.length : oldest)
      const granted = Math.min(wanted, joinsMax - takenAtMs.length)
      for (let index = 0; index < granted; index += 1) takenAtMs.push(now)
      return granted
    },
  }
}
