import { useMutation } from '@tanstack/preact-query'
import * as z from 'zod/mini'
import { askJson } from './ask.ts'

/** For how long a code is good. */
export const CODE_SECONDS = 60

/** A code that opts out whoever types it in chat, once, until a time in milliseconds since the Unix epoch. */
export interface OptOutCode {
  readonly code: string
  readonly endMs: number
}

/** Gets a code. */
export function useOptOutCode() {
  return useMutation({
    mutationFn: async (): Promise<OptOutCode> => {
      // From when it was asked for: it is good for a little longer than is said.
      const askedMs = Date.now()
      const code = await askJson({ path: '/optout', method: 'POST' }, z.string())
      return { code, endMs: askedMs + CODE_SECONDS * 1000 }
    },
  })
}
