import type { Curve, Point } from './curve.ts'
import type { Run } from './run.ts'
import { SWEEPS } from './sweeps.ts'
import type { Sweep } from './sweeps.ts'

/** A run of 10,000 lines in which all went well; a line took ingest 30, Redis 20 and 5, the archiver 40 us. */
export function exampleRun(of: Partial<Run> = {}): Run {
  return {
    perSecond: 2000,
    lines: 10_000,
    frames: 5000,
    records: 9990,
    sendMs: 5000,
    storedInTime: 9990,
    storedBy: [6990, 3000],
    dropped: 0,
    sealed: 9990,
    calls: 100,
    appendMs: { p50: 1.5, p99: 20 },
    coveredSeconds: 1.2,
    bufferBytes: 25_000,
    connections: 12,
    memoryMib: { ingest: 200, redis: 20 },
    cpuMs: {
      ingest: [200, 100],
      redis: [150, 50],
      redisArchiving: [25, 25],
      archiver: 400,
      chat: 50,
    },
    ...of,
  }
}

export function examplePoint(of: Partial<Point> = {}): Point {
  return {
    x: 1,
    setting: { channels: 1000, shards: 1, replicas: 2 },
    joinSeconds: 3,
    idle: { ingest: 20, redis: 3, archiver: 2 },
    run: exampleRun(),
    verdict: 'kept up',
    ...of,
  }
}

export function exampleCurve(name: Sweep['name'], points: readonly Partial<Point>[]): Curve {
  const sweep = SWEEPS.find((each) => each.name === name)
  if (sweep === undefined) throw new Error(`there is no sweep of ${name}`)
  return { sweep, points: points.map(examplePoint) }
}
