import { useEffect, useState } from 'preact/hooks'
import { MINUTE_MS } from '../place/time.ts'

/** Now, to the minute: whoever shows it is drawn again with the next one. */
export function useNow(): number {
  const [nowMs, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}
