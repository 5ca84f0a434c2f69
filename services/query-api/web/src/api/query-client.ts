import { QueryClient } from '@tanstack/preact-query'
import { ApiError, isPassing } from './errors.ts'

const FRESH_MS = 60_000
const TRIES_MAX = 3
const WAIT_MS = 1000
const WAIT_MS_MAX = 30_000

/** Asks again, by itself, only for what passes by itself. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      refetchOnWindowFocus: false,
      // Whether the server can be reached is learnt by asking it: it may run on this machine.
      networkMode: 'always',
      retry: (failures, error) => failures < TRIES_MAX && isPassing(error),
      retryDelay: (failures, error) => {
        const asked = error instanceof ApiError ? error.retryAfterMs : undefined
        return Math.min(asked ?? WAIT_MS * 2 ** failures, WAIT_MS_MAX)
      },
    },
  },
})
