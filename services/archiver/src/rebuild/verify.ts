import type { HotStore, Scope, SegmentEntry } from '@poglog/hot-store'
import { readSegmentIdentity, SegmentError, verifySegment } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import type { ArchiveDeps } from '../deps.ts'
import { compareOrders } from './compare-orders.ts'

/** The part of the hot store that a verification uses. */
export interface VerifyDeps extends Pick<ArchiveDeps, 'cold' | 'signal'> {
  readonly hot: Pick<HotStore, 'shards' | 'manifest' | 'usersView' | 'userShardOf'>
}

/** Something that is not as it should be. `key` is the object's, or says what was compared. */
export interface Finding {
  readonly key: string
  readonly problem: string
}

export interface VerifyProgress {
  readonly step: 'segments' | 'orders'
  /** Bytes of segments read and to be read. */
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface VerifyResult {
  readonly segments: number
  /** Records of by-channel segments. */
  readonly records: number
  readonly bytes: number
  readonly findings: readonly Finding[]
  /** Segments that went away meanwhile, as a compaction replaced them; run it again for what came in their place. */
  readonly replaced: readonly string[]
  /** Whether the by-user order and the words were compared with the by-channel order. */
  readonly areOrdersCompared: boolean
}

/** An entry of a manifest, and of which. */
export interface NamedSegment {
  readonly scope: Scope
  readonly entry: SegmentEntry
}

/**
 * Reads everything that the manifests name, twice: each segment by itself (every checksum, every line, order, count and
 * digest, against its footer and its manifest entry), then the orders against each other: the records that are in the
 * by-user order and what the words count, against the compacted by-channel segments.
 *
 * @throws {HotStoreError}, or {ObjectStoreError} while the store is away.
 */
export async function verify(
  deps: VerifyDeps,
  onProgress: (progress: VerifyProgress) => void = () => {},
): Promise<VerifyResult> {
  const named = await namedSegments(deps.hot)
  const totalBytes = named.reduce((sum, { entry }) => sum + entry.sizeBytes, 0)
  const findings: Finding[] = []
  const replaced: string[] = []
  let doneBytes = 0
  for (const { scope, entry } of named) {
    deps.signal?.throwIfAborted()
    const problem = await problemOf(entry, deps)
    if (problem !== undefined) {
      const isStillNamed = await isNamed({ scope, entry }, deps.hot)
      if (isStillNamed) findings.push({ key: entry.key, problem })
      else replaced.push(entry.key)
    }
    doneBytes += entry.sizeBytes
    onProgress({ step: 'segments', doneBytes, totalBytes })
  }
  const isWhole = findings.length === 0 && replaced.length === 0
  if (isWhole) {
    const onBytes = (bytes: number): void => {
      onProgress({ step: 'orders', doneBytes: bytes, totalBytes })
    }
    findings.push(...(await compareOrders(named, deps, onBytes)))
  }
  const byChannel = named.filter(({ entry }) => entry.projection === 'by-channel')
  return {
    segments: named.length,
    records: byChannel.reduce((sum, { entry }) => sum + entry.records, 0),
    bytes: totalBytes,
    findings,
    replaced,
    areOrdersCompared: isWhole,
  }
}

/** All that the manifests name and readers read, as of one moment for each shard and its folds. */
async function namedSegments(hot: VerifyDeps['hot']): Promise<NamedSegment[]> {
  for (;;) {
    const view = await hot.usersView()
    const named: NamedSegment[] = view.folds.map((entry) => ({ scope: 'users', entry }))
    for (let shard = 0; shard < hot.shards; shard += 1) {
      for (const entry of await hot.manifest(shard)) {
        if (!view.absorbed.has(`${shard}:${entry.number}`)) named.push({ scope: shard, entry })
      }
    }
    if ((await hot.usersView()).version === view.version) return named
  }
}

async function isNamed({ scope, entry }: NamedSegment, hot: VerifyDeps['hot']): Promise<boolean> {
  const view = await hot.usersView()
  const now = scope === 'users' ? view.folds : await hot.manifest(scope)
  return now.some(({ key }) => key === entry.key)
}

/** What is wrong with one segment; `undefined` when nothing is. */
async function problemOf(
  entry: SegmentEntry,
  { cold, signal }: VerifyDeps,
): Promise<string | undefined> {
  const { key, sizeBytes } = entry
  const source = { store: cold, key, sizeBytes }
  try {
    const storedBytes = await cold.size(key, { signal })
    if (storedBytes === undefined) return 'there is no such object'
    if (storedBytes !== sizeBytes) return `it has ${storedBytes} bytes, not ${sizeBytes}`
    const { identity } = await readSegmentIdentity(source, { signal })
    const summary = await verifySegment(source, { signal })
    const differences = [
      differs('records', summary.records, entry.records),
      differs('digest', summary.digest, entry.digest),
      differs('earliest sent time', summary.sentMinMs, entry.sentMinMs),
      differs('latest sent time', summary.sentMaxMs, entry.sentMaxMs),
      differs('projection', identity.projection, entry.projection),
      differs('user shard', identity.users, entry.users),
    ]
    const told = differences.filter((difference) => difference !== undefined)
    return told.length === 0 ? undefined : told.join('; ')
  } catch (error) {
    if (error instanceof SegmentError) return error.message
    if (error instanceof ObjectStoreError && error.kind === 'corrupt') return error.message
    throw error
  }
}

function differs(
  what: string,
  stored: string | number | undefined,
  expected: string | number | undefined,
): string | undefined {
  if (stored === expected) return undefined
  return `${what} is ${stored ?? 'none'}, the manifest says ${expected ?? 'none'}`
}
