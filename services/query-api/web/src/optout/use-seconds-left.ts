import { useEffect, useState } from 'preact/hooks'
import { secondsLeft } from './command.ts'

const TICK_MS = 250

/** Seconds until a time, counted down to 0. The time is that of the first call. */
export function useSecondsLeft(endMs: number): number {
  const [left, setLeft] = useState(() => secondsLeft(endMs, Date.now()))
  const isOver = left === 0
  useEffect(() => {
    if (isOver) return undefined
    const timer = setInterval(() => setLeft(secondsLeft(endMs, Date.now())), TICK_MS)
    return () => clearInterval(timer)
  }, [endMs, isOver])
  return left
}
