import { parseSegmentKey, readSegmentIdentity, SegmentError } from '@poglog/log-format'
import type { ObjectInfo } from '@poglog/object-store'
import type { FoundSegment } from './choose-segments.ts'
import { concurrently } from '../concurrently.ts'
import type { ArchiveDeps } from '../deps.ts'

/** Where segments lie in a store. */
export const SEGMENT_PREFIXES = ['by-channel/', 'by-user/', 'words/'] as const

const FOOTERS_AT_ONCE = 16

/** An object that cannot be read, and what is wrong with it. */
export interface DamagedObject {
  readonly key: string
  readonly problem: string
}

/** What a store holds. `foreign` are objects below the prefixes that no poglog named. */
export interface StoreContents {
  readonly segments: readonly FoundSegment[]
  readonly damaged: readonly DamagedObject[]
  readonly foreign: readonly string[]
}

/**
 * Lists all segments of a store and reads what their footers say of them.
 *
 * @param onProgress called with how many footers have been read.
 * @throws {ObjectStoreError} while the store is away.
 */
export async function findSegments(
  deps: Pick<ArchiveDeps, 'cold' | 'signal'>,
  onProgress: (footers: number) => void = () => {},
): Promise<StoreContents> {
  const { cold, signal } = deps
  const segments: FoundSegment[] = []
  const damaged: DamagedObject[] = []
  const foreign: string[] = []
  const read = async ({ key, sizeBytes }: ObjectInfo): Promise<void> => {
    const parts = parseSegmentKey(key)
    if (parts === undefined) {
      foreign.push(key)
      return
    }
    try {
      const footer = await readSegmentIdentity({ store: cold, key, sizeBytes }, { signal })
      segments.push({ key, number: parts.number, ulid: parts.ulid, ...footer })
      onProgress(segments.length)
    } catch (error) {
      if (!(error instanceof SegmentError)) throw error
      // What was deleted since the listing is no part of the archive any more.
      if (error.kind !== 'missing') damaged.push({ key, problem: error.message })
    }
  }
  await concurrently(listAll(deps), { limit: FOOTERS_AT_ONCE, work: read })
  return { segments, damaged, foreign }
}

async function* listAll({
  cold,
  signal,
}: Pick<ArchiveDeps, 'cold' | 'signal'>): AsyncGenerator<ObjectInfo> {
  for (const prefix of SEGMENT_PREFIXES) yield* cold.list(prefix, { signal })
}
