import { z } from 'zod'

/** What picks objects by their labels. An empty one picks all. */
export const selectorSchema = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.literal('In'),
        values: z.array(z.string()),
      }),
    )
    .default([]),
})

export type Selector = z.output<typeof selectorSchema>

/** Whether a selector picks what has these labels. */
export function selects(
  { matchLabels, matchExpressions }: Selector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  )
}
