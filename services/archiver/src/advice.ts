import { HotStoreError } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'

/** Whose failure it was and what kind: a metric's label, so the set is small and known. */
export type FailureKind =
  | `hot-${HotStoreError['kind']}`
  | `store-${ObjectStoreError['kind']}`
  | `segment-${SegmentError['kind']}`
  | 'other'

export function failureKind(error: unknown): FailureKind {
  if (error instanceof HotStoreError) return `hot-${error.kind}`
  if (error instanceof ObjectStoreError) return `store-${error.kind}`
  if (error instanceof SegmentError) return `segment-${error.kind}`
  return 'other'
}

const ADVICE: Readonly<Record<FailureKind, string>> = {
  'hot-unavailable': 'nothing is lost; sealing goes on by itself when redis answers',
  'hot-full':
    'give redis more memory or disk; sealing and trimming free it, look why they did not run',
  'hot-misconfigured': 'look at the settings of redis and its credentials',
  'hot-invalid': 'this is a bug; nothing was changed',
  'hot-corrupt': 'redis holds a value poglog did not write; nothing was changed',
  'store-unavailable':
    'nothing is lost, what is not sealed stays in redis; jobs go on by themselves when the object store answers',
  'store-denied':
    'nothing is lost, what is not sealed stays in redis; check credentials, bucket and policy of OBJECT_STORE',
  'store-corrupt': 'nothing was changed; the object store returned wrong bytes, check its disks',
  'store-full':
    'nothing is lost, what is not sealed stays in redis; free space where OBJECT_STORE lies, jobs then go on by themselves',
  'segment-corrupt': 'nothing was changed; restore the object named from a copy of the bucket',
  'segment-missing':
    'nothing was changed; restore the object named from a copy of the bucket, or, after redis itself was restored from a copy, run poglog rebuild --force',
  'segment-unsupported': 'a newer poglog wrote the object named; update this one',
  other: 'this is a bug; the job is tried again',
}

/** Every kind, so that each has its series before the first failure. */
export const FAILURE_KINDS: readonly string[] = Object.keys(ADVICE)

/** What an operator should do about a failed job, in one sentence. */
export function advice(error: unknown): string {
  return ADVICE[failureKind(error)]
}
