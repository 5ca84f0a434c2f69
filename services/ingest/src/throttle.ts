/** Lets each kind of message through at most once in `intervalMs`, the first one at once. */
export function createThrottle(
  intervalMs: number,
  nowMs: () => number = () => performance.now(),
): (kind: string, tell: () => void) => void {
  const toldAtMs = new Map<string, number>()
  return (kind, tell) => {
    const now = nowMs()
    if (now - (toldAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) < intervalMs) return
    toldAtMs.set(kind, now)
    tell()
  }
}
