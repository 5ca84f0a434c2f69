import type { Metrics } from './metrics.ts'

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

type Outcome = 'done' | 'failed'

/** Counts calls to Redis. To be given to the hot store as its `onCall`. */
export function redisCallMetrics({
  counter,
}: Metrics): (call: string) => (outcome: Outcome) => void {
  const labelNames = ['call'] as const
  const calls = counter({
    name: 'redis_calls_total',
    help: 'Calls to Redis, by script or command',
    labelNames,
  })
  const failures = counter({
    name: 'redis_call_failures_total',
    help: 'Calls to Redis that failed, by script or command',
    labelNames,
  })
  const seconds = counter({
    name: 'redis_call_seconds_total',
    help: 'Time of calls to Redis until their answer, by script or command',
    labelNames,
  })
  return (call) => {
    const startedMs = performance.now()
    return (outcome) => {
      calls.inc({ call })
      seconds.inc({ call }, (performance.now() - startedMs) / 1000)
      if (outcome === 'failed') failures.inc({ call })
    }
  }
}

/** Counts requests to the object store. To be given to it as what watches it. */
export function storeRequestMetrics({
  counter,
  histogram,
}: Metrics): (method: string) => (outcome: Outcome, readBytes?: number) => void {
  const seconds = histogram({
    name: 'store_request_seconds',
    help: 'Time of requests to the object store, with their retries',
    labelNames: ['method'],
    buckets: REQUEST_SECONDS,
  })
  const failures = counter({
    name: 'store_request_failures_total',
    help: 'Requests to the object store that failed, after their retries or because nobody waits any more',
    labelNames: ['method'],
  })
  const bytes = counter({
    name: 'store_read_bytes_total',
    help: 'Bytes read from the object store',
  })
  return (method) => {
    const startedMs = performance.now()
    return (outcome, readBytes = 0) => {
      seconds.observe({ method }, (performance.now() - startedMs) / 1000)
      bytes.inc(readBytes)
      if (outcome === 'failed') failures.inc({ method })
    }
  }
}
