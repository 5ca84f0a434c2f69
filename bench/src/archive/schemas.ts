import { z } from 'zod'

/** What goes between this bench's processes and what a kept archive has beside it. */
export const scaleSchema = z
  .object({
    seed: z.number(),
    days: z.number(),
    messagesADay: z.number(),
    corpus: z.string().nullish(),
  })
  .transform((scale) => ({ ...scale, corpus: scale.corpus ?? undefined }))

const userSchema = z.object({ userId: z.string(), inChannel: z.number(), overall: z.number() })

const wordSchema = z.object({ word: z.string(), count: z.number() })

export const factsSchema = z.object({
  lines: z.number(),
  rawBytes: z.number(),
  channelId: z.string(),
  regular: userSchema,
  busy: userSchema,
  day: z.object({ startMs: z.number(), shown: z.number(), deletions: z.number() }),
  messages: z.number(),
  chatters: z.number(),
  /** How often some words were said, case for case. */
  words: z.array(wordSchema),
  topWords: z.array(wordSchema),
})

const entrySchema = z.object({
  number: z.number(),
  key: z.string(),
  sizeBytes: z.number(),
  projection: z.enum(['by-channel', 'by-user', 'words']),
  level: z.enum(['hour', 'day', 'run', 'fold']),
  arrivalFromMs: z.number(),
  arrivalToMs: z.number(),
  sentMinMs: z.number(),
  sentMaxMs: z.number(),
  records: z.number(),
  digest: z.string(),
})

export const sealedSchema = z.object({
  entries: z.array(entrySchema),
  records: z.number(),
  cpuMs: z.number(),
})

export const peersSchema = z.object({
  facts: factsSchema,
  justlogBytes: z.number(),
  zstdBytes: z.number(),
})

export const compactedSchema = z.object({
  compactMs: z.number(),
  compactCpuMs: z.number(),
  foldMs: z.number(),
  foldCpuMs: z.number(),
  peakMib: z.number(),
})

export type Scale = z.output<typeof scaleSchema>
export type Facts = z.output<typeof factsSchema>
export type UserFacts = z.output<typeof userSchema>
export type Sealed = z.output<typeof sealedSchema>

/** What building an archive has measured. Segments' records and bytes are those of the segments that count. */
export interface Measured extends z.output<typeof peersSchema>, z.output<typeof compactedSchema> {
  readonly records: number
  readonly userRecords: number
  readonly wordRows: number
  readonly bytes: {
    readonly byChannel: number
    readonly byUser: number
    readonly words: number
  }
  readonly sealCpuMs: number
}
