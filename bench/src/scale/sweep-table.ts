import { format, renderMarkdown } from '../table.ts'
import type { Curve, Point } from './curve.ts'
import { costsOf, unevenness } from './run.ts'
import type { Sweep } from './sweeps.ts'

interface Column {
  readonly head: string
  readonly of: (point: Point) => string
}

const COMMON: readonly Column[] = [
  { head: '', of: verdictText },
  { head: 'lines a call', of: ({ run }) => format(run.lines / run.calls) },
  { head: 'lines a frame', of: ({ run }) => format(run.lines / run.frames) },
  { head: 'ingest, us/line', of: ({ run }) => format(costsOf(run).ingest) },
  { head: 'Redis, storing, us/line', of: ({ run }) => format(costsOf(run).redis) },
  { head: 'Redis, sealing, us/line', of: ({ run }) => format(costsOf(run).redisArchiving) },
  { head: 'archiver, us/line', of: ({ run }) => format(costsOf(run).archiver) },
  {
    head: 'chat server, us/line',
    of: ({ run }) => format((run.cpuMs.chat * 1000) / run.lines),
  },
  {
    head: 'append p50, p99, ms',
    of: ({ run }) => `${format(run.appendMs.p50)}, ${format(run.appendMs.p99)}`,
  },
  { head: 'not covered, s', of: ({ run }) => format(run.coveredSeconds) },
  { head: 'not in Redis, kB', of: ({ run }) => format(run.bufferBytes / 1000) },
  {
    head: 'at rest: ingest, Redis, ms/s',
    of: ({ idle }) => `${format(idle.ingest)}, ${format(idle.redis)}`,
  },
]

const FURTHER: Readonly<Record<Sweep['name'], readonly Column[]>> = {
  rate: [],
  channels: [
    { head: 'connections', of: ({ run }) => String(run.connections) },
    { head: 'joined in, s', of: ({ joinSeconds }) => format(joinSeconds) },
    {
      head: 'memory: ingest, Redis, MiB',
      of: ({ run }) => `${format(run.memoryMib.ingest)}, ${format(run.memoryMib.redis)}`,
    },
  ],
  replicas: [
    { head: 'busiest replica, us/line', of: ({ run }) => format(costsOf(run).busiestReplica) },
    { head: 'its lines, of an even share', of: ({ run }) => format(unevenness(run.storedBy)) },
  ],
  nodes: [
    { head: 'busiest node, us/line', of: ({ run }) => format(costsOf(run).busiestNode) },
    { head: 'its time, of an even share', of: ({ run }) => format(unevenness(run.cpuMs.redis)) },
  ],
}

/** All that was measured of a sweep, as a table for RESULTS.md. */
export function sweepTable({ sweep, points }: Curve): string {
  const columns = [
    { head: sweep.of, of: ({ x }: Point) => x.toLocaleString('en') },
    ...COMMON,
    ...FURTHER[sweep.name],
  ]
  const rows = points.map((point) => columns.map(({ of }) => of(point)))
  return renderMarkdown(
    columns.map(({ head }) => head),
    rows,
  )
}

function verdictText({ verdict, run }: Point): string {
  if (verdict === 'kept up') return verdict
  return `${verdict}, ${format((run.storedInTime / run.records) * 100)} % in time`
}
