import { HotStoreError } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import { HTTPException } from 'hono/http-exception'
import { ProblemError, RETRY_LATER } from '../problem.ts'
import type { ProblemOptions } from '../problem.ts'
import { MovedError } from '../read/start-over.ts'
import { TooMuchError } from '../read/too-much.ts'

/** An error as the problem its answer tells, and whether an operator should hear of it. */
export interface MappedError {
  readonly problem: ProblemOptions
  readonly isReported: boolean
}

/** The one place where errors become HTTP statuses. */
export function mapError(error: unknown): MappedError {
  if (error instanceof ProblemError) return { problem: error.options, isReported: false }
  if (error instanceof TooMuchError) {
    return { problem: { status: 400, detail: error.message }, isReported: false }
  }
  if (error instanceof HTTPException && error.status === 400) {
    return { problem: { status: 400, detail: error.message }, isReported: false }
  }
  if (error instanceof HTTPException && error.status === 415) {
    const detail = 'the body must be JSON, and Content-Type must say so'
    return { problem: { status: 415, detail }, isReported: false }
  }
  if (error instanceof HotStoreError && error.kind === 'unavailable') {
    return { problem: unavailable('the hot store does not answer'), isReported: true }
  }
  if (error instanceof ObjectStoreError && error.kind === 'unavailable') {
    return { problem: unavailable('the object store does not answer'), isReported: true }
  }
  if (error instanceof MovedError) {
    return { problem: unavailable('the log moves faster than it is read'), isReported: true }
  }
  if (error instanceof SegmentError || error instanceof ObjectStoreError) {
    const detail = `segment ${error.key} cannot be read (${error.kind}); no answer leaves its records out`
    return { problem: { status: 500, detail }, isReported: true }
  }
  return { problem: { status: 500, detail: 'an unexpected failure' }, isReported: true }
}

function unavailable(detail: string): ProblemOptions {
  return { status: 503, detail: `${detail}; try again soon`, headers: RETRY_LATER }
}
