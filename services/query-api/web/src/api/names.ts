import { useQuery } from '@tanstack/preact-query'
import * as z from 'zod/mini'
import { apiName, idOf } from '../place/subject.ts'
import type { Subject } from '../place/subject.ts'
import { askJson, pathOf } from './ask.ts'

const lastSchema = z.object({
  messages: z.array(z.object({ channel: z.string(), username: z.string() })),
})

/** How somebody is shown: by the login last seen where only the id is known, as soon as it has been looked up. */
export function useShownName(
  kind: 'channel' | 'user',
  subject: Subject | undefined,
): string | undefined {
  const isId = subject !== undefined && idOf(subject) !== undefined
  const { data } = useQuery({
    queryKey: ['name', kind, subject],
    queryFn: async ({ signal }) => {
      const path = pathOf(`/${kind}/${apiName(subject ?? '')}/logs`, { limit: 1, type: 'PRIVMSG' })
      const [last] = (await askJson({ path, signal }, lastSchema)).messages
      return (kind === 'channel' ? last?.channel : last?.username) ?? null
    },
    enabled: isId,
    staleTime: Infinity,
  })
  return isId ? (data ?? subject) : subject
}
