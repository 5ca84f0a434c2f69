import { z } from 'zod'
import type { Gap } from '../checker/gaps.ts'
import { fetchAnswer } from './fetch-answer.ts'

const coverageSchema = z.object({
  nextFrom: z.string().nullable(),
  gaps: z.array(z.object({ from: z.string(), to: z.string(), cause: z.string() })),
})

/**
 * The gaps that the coverage ledger tells of a channel, of sent times `[fromMs, toMs)`.
 *
 * @throws {Error} when it is not answered: it is asked when all is well.
 */
export async function readGaps(
  api: string,
  channelId: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<Gap[]> {
  const gaps: Gap[] = []
  for (let from: number | undefined = fromMs; from !== undefined;) {
    const url = `${api}/channel/${channelId}/coverage?from=${from}&to=${toMs}`
    const fetched = await fetchAnswer(url)
    if (fetched.kind !== 'answer' || fetched.status !== 200) {
      throw new Error(`no coverage: ${JSON.stringify(fetched)}`)
    }
    const answer = coverageSchema.parse(JSON.parse(fetched.body))
    for (const { cause, ...gap } of answer.gaps) {
      gaps.push({ fromMs: Date.parse(gap.from), toMs: Date.parse(gap.to), cause })
    }
    from = answer.nextFrom === null ? undefined : Date.parse(answer.nextFrom)
  }
  return gaps
}
