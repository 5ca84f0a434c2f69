import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from './stage.ts'

const ARCHIVED_MS_MAX = 90_000
/** A job that the reconciler had added before may have begun before the last record came. */
const ASK_AGAIN_MS = 2000
const POLL_MS = 100

/** Records that have gone through the archiver since it started. */
interface Archived {
  /** In segments, or known to be in one. */
  readonly sealed: number
  /** No longer in Redis. */
  readonly trimmed: number
}

/**
 * Has the archiver seal and trim all that is in Redis now, before it would be due.
 *
 * @param appended how many records Redis ever got.
 */
export async function archive(stage: Stage, appended: number): Promise<void> {
  await ask('seal', stage, ({ sealed }) => sealed >= appended)
  await ask('trim', stage, ({ trimmed }) => trimmed >= appended)
}

export async function archivedBy({ archiver }: Stage): Promise<Archived> {
  const metrics = await archiver.metrics()
  const count = (name: string): number => metrics?.get(`${name}_total`) ?? 0
  return {
    sealed: count('records') + count('equal_records') + count('known_records'),
    trimmed: count('trimmed_entries'),
  }
}

async function ask(
  kind: 'seal' | 'trim',
  stage: Stage,
  isDone: (archived: Archived) => boolean,
): Promise<void> {
  const jobs = Array.from({ length: stage.shards }, (_, shard) =>
    kind === 'seal' ? ({ kind, shard, upTo: 'now' } as const) : ({ kind, shard } as const),
  )
  const endMs = performance.now() + ARCHIVED_MS_MAX
  let askMs = -Infinity
  while (!isDone(await archivedBy(stage))) {
    const nowMs = performance.now()
    if (nowMs > endMs) throw new Error(`the archiver does not ${kind} what it should`)
    if (nowMs - askMs >= ASK_AGAIN_MS) {
      await stage.queue.add(jobs)
      askMs = nowMs
    }
    await sleep(POLL_MS)
  }
}
