import type { z } from 'zod'

/** What the API itself says, to compare with what the page shows. */
export async function answerOf<Schema extends z.ZodType>(
  api: string,
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const response = await fetch(`${api}${path}`, { headers: { accept: 'application/json' } })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
  const answer: unknown = JSON.parse(text)
  return schema.parse(answer)
}
