import { MEASURED } from '@poglog/infra/capacity/facts'
import { capacityOf } from '@poglog/infra/capacity/model'
import { loadOf, WHOLE_TWITCH_OPTIONS } from '@poglog/infra/capacity/options'
import { atMost } from '../bench.ts'
import type { Row } from '../bench.ts'
import { costRangesOf, restOf } from './cost-ranges.ts'
import type { Range } from './cost-ranges.ts'
import type { Curve, Point } from './curve.ts'
import { costsOf, lostIn, sum, unsealedIn } from './run.ts'

/** What the curves come to. */
export function rowsOf(curves: readonly Curve[]): readonly Row[] {
  const points = curves.flatMap((curve) => curve.points)
  const costs = costRangesOf(points)
  return [
    atMost(0, {
      name: 'sent, and not in Redis',
      value: sum(points.map(({ run }) => lostIn(run))),
      unit: 'records',
    }),
    atMost(0, {
      name: 'in Redis, and in no segment',
      value: sum(points.map(({ run }) => unsealedIn(run))),
      unit: 'records',
    }),
    { name: 'sealed', value: sum(points.map(({ run }) => run.sealed)), unit: 'records' },
    ...curves.flatMap(growthRows),
    ...costRows('ingest', costs.ingest, MEASURED.ingestMicrosPerLine),
    ...costRows('Redis, storing', costs.redis, MEASURED.redisMicrosPerLine),
    ...costRows('Redis, sealing', costs.redisArchiving),
    ...costRows('archiver', costs.archiver, 1e6 / MEASURED.sealRecordsPerCoreSecond),
    ...twitchRows(points),
  ]
}

/** From the first point of a curve to the last one at which poglog kept up: 1 where a line costs the same at both. */
function growthRows({ sweep, points }: Curve): readonly Row[] {
  const kept = points.filter(({ verdict }) => verdict === 'kept up')
  const [first, last] = [kept.at(0), kept.at(-1)]
  if (first === undefined || last === undefined || first === last) return []
  const [before, after] = [costsOf(first.run), costsOf(last.run)]
  const range = `${first.x.toLocaleString('en')} to ${last.x.toLocaleString('en')} ${sweep.of}`
  const row = (process: string, value: number): Row => ({
    name: `${range}: cost of a line, ${process}`,
    value,
    unit: 'x',
  })
  return [
    row('ingest', after.ingest / before.ingest),
    row('Redis', after.redis / before.redis),
    row('archiver', after.archiver / before.archiver),
  ]
}

/** What lines cost, beside what the capacity model goes by. */
function costRows(process: string, { least, most }: Range, model?: number): readonly Row[] {
  const name = `a line, ${process}`
  return [
    { name: `${name}: least`, value: least, unit: 'us' },
    { name: `${name}: most`, value: most, unit: 'us' },
    ...(model === undefined
      ? []
      : [{ name: `${name}: as the capacity model has it`, value: model, unit: 'us' }]),
    { name: `a core, ${process}: at most`, value: 1e6 / least, unit: 'lines/s' },
    { name: `a core, ${process}: at least`, value: 1e6 / most, unit: 'lines/s' },
  ]
}

/** Cores for whole Twitch at its peak: as the capacity model has them, and at the costs that were measured. */
function twitchRows(points: readonly Point[]): readonly Row[] {
  const costs = costRangesOf(points)
  const load = loadOf(WHOLE_TWITCH_OPTIONS)
  const { ingest, redis, archiver } = capacityOf(load)
  const received = ingest.receivedAtPeak
  const stored = load.messagesPerSecond * load.peakFactor
  const channels = (load.channels * load.replication) / ingest.replicas
  const usAtRest = restOf(points, channels) * 1000 * ingest.replicas
  const name = 'whole Twitch at its peak'
  return [
    { name: `${name}: received`, value: received, unit: 'lines/s' },
    {
      name: `${name}: ingest at rest, ${ingest.replicas} replicas`,
      value: usAtRest / 1e6,
      unit: 'cores',
    },
    ...coreRows(`${name}: ingest`, {
      model: ingest.coresAtPeak,
      us: (of) => usAtRest + received * costs.ingestAtWork[of],
    }),
    ...coreRows(`${name}: Redis`, {
      model: redis.coresAtPeak,
      us: (of) => received * costs.redis[of] + stored * costs.redisArchiving[of],
    }),
    ...coreRows(`${name}: archiver, sealing`, {
      model: archiver.sealCoresAtPeak,
      us: (of) => stored * costs.archiver[of],
    }),
  ]
}

/** @param cores by the model, and in us a second at the least and the most that lines cost. */
function coreRows(
  name: string,
  { model, us }: { readonly model: number; readonly us: (of: keyof Range) => number },
): readonly Row[] {
  return [
    { name: `${name}, at the least cost`, value: us('least') / 1e6, unit: 'cores' },
    { name: `${name}, at the most`, value: us('most') / 1e6, unit: 'cores' },
    { name: `${name}, as the capacity model has it`, value: model, unit: 'cores' },
  ]
}
