import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import * as z from 'zod/mini'
import { askJson, pathOf } from './ask.ts'

/** Names offered while somebody types. */
export const NAMES_MAX = 50

const channelsSchema = z.object({
  channels: z.array(z.object({ name: z.string(), userID: z.string() })),
})

/** The logged channels whose logins begin with a text, in the order of the alphabet; none until they are wanted. */
export function useChannelNames(prefix: string, isWanted: boolean): readonly string[] {
  return useChannels(prefix.trim().toLowerCase(), isWanted).data?.map(({ name }) => name) ?? []
}

/** The logged channels whose logins begin with a text, as a query. */
export function useChannels(prefix: string, isWanted = true) {
  return useQuery({
    queryKey: ['channels', prefix],
    queryFn: async ({ signal }) => {
      const path = pathOf('/channels', { prefix, limit: NAMES_MAX })
      return (await askJson({ path, signal }, channelsSchema)).channels
    },
    enabled: isWanted,
    placeholderData: keepPreviousData,
  })
}
