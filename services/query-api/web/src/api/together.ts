import type { UseQueryResult } from '@tanstack/preact-query'

/** The answers to questions that are asked at once. */
interface Together<Data> {
  /** One for each question, `undefined` until it has come; the same list while nothing changes. */
  readonly data: readonly (Data | undefined)[]
  /** What went wrong with one that has no answer. */
  readonly error: Error | undefined
  readonly retry: () => void
}

/** Puts the answers of `useQueries` together. */
export function together<Data>(results: readonly UseQueryResult<Data>[]): Together<Data> {
  const failed = results.filter(({ data, error }) => data === undefined && error !== null)
  return {
    data: results.map(({ data }) => data),
    error: failed[0]?.error ?? undefined,
    retry: () => {
      for (const { refetch } of failed) void refetch()
    },
  }
}
