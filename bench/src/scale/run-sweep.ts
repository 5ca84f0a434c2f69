import { untilSettled } from '@poglog/e2e/until-settled'
import type { Curve, Point } from './curve.ts'
import { idleOf, measure } from './measure.ts'
import { costsOf } from './run.ts'
import { openStage } from './stage.ts'
import type { Stage } from './stage.ts'
import type { Scene, Sweep } from './sweeps.ts'
import { isEnough, verdictOf } from './verdict.ts'
import type { Verdict } from './verdict.ts'

const SECONDS = 10
/** Before the clock starts: code gets compiled, people get known. */
const WARM_UP = { perSecond: 4000, seconds: 4 }

/** Measures all points of a sweep, one after the other. */
export async function runSweep(sweep: Sweep, onProgress: (text: string) => void): Promise<Curve> {
  const points: Point[] = []
  for (const scene of sweep.scenes) {
    await using stage = await openStage(scene.setting)
    for await (const point of pointsOf(stage, { sweep, scene })) {
      onProgress(progressOf(sweep, point))
      points.push(point)
    }
  }
  return { sweep, points }
}

async function* pointsOf(
  stage: Stage,
  { sweep, scene }: { readonly sweep: Sweep; readonly scene: Scene },
): AsyncGenerator<Point> {
  const { setting, rates } = scene
  const verdicts: Verdict[] = []
  let storySeed = 1
  await measure(stage, { ...WARM_UP, storySeed })
  const idle = await idleOf(stage)
  for (const perSecond of rates) {
    storySeed += 1
    const run = await measure(stage, { perSecond, seconds: SECONDS, storySeed })
    const verdict = verdictOf(run)
    const x = sweep.xOf(setting, perSecond)
    yield { x, setting, joinSeconds: stage.joinSeconds, idle, run, verdict }
    verdicts.push(verdict)
    if (isEnough(verdicts)) return
    // Who could not keep up has taken connections for dead, and joins elsewhere.
    if (verdict !== 'kept up') await untilSettled(stage.replicas, setting.channels)
  }
}

function progressOf({ of }: Sweep, { x, run, verdict }: Point): string {
  const { ingest, redis, redisArchiving, archiver } = costsOf(run)
  const ofRedis = `Redis ${us(redis)} + ${us(redisArchiving)}`
  const costs = [`ingest ${us(ingest)}`, ofRedis, `archiver ${us(archiver)}`]
  return `${x.toLocaleString('en')} ${of}: ${verdict}, ${costs.join(', ')} us a line`
}

const us = (value: number): string => value.toFixed(1)
