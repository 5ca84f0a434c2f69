import { z } from 'zod'
import { HotStoreError } from './errors.ts'
import { checkedTimeMs, quoted } from './keys.ts'
import { type Holding, INGEST_SLOTS } from './replica-types.ts'
import type {
  BeatResult,
  FleetView,
  LostReplica,
  Member,
  ReplicaBeat,
  ReplicaList,
  ReplicaStatus,
} from './replica-types.ts'
import { toArray, toInteger, toText } from './reply.ts'

const REPLICA = /^[A-Za-z0-9._-]{1,64}$/
const RUN = /^[a-z0-9]{1,32}$/
const VERSION = /^[0-9-]{0,64}$/
const WEIGHT_MAX = 1_000_000
const STANDINGS = ['member', 'evicted', 'superseded'] as const

const loadSchema = z.object({
  channels: z.number().int().min(0),
  messagesPerSecond: z.number().min(0),
  utilisation: z.number().min(0),
})

const metaSchema = z.object({
  run: z.string(),
  beatMs: z.number(),
  joinedMs: z.number(),
  weight: z.number(),
  isLeaving: z.boolean(),
  coveredMs: z.number().nullable(),
  load: loadSchema,
})

const lostSchema = z.object({
  coveredMs: z.number(),
  slots: z.array(z.number()),
})

interface Named {
  readonly replica: string
  readonly run?: string
}

/** @throws {HotStoreError} `invalid`. */
export function checkedReplica(replica: string, run: string): [string, string] {
  if (!REPLICA.test(replica)) throw invalid(`not the id of a replica: ${quoted(replica)}`)
  if (!RUN.test(run)) throw invalid(`not the id of a run: ${quoted(run)}`)
  return [replica, run]
}

/** The arguments of `beat.lua` that are the beat's. Equal beats give equal text. @throws {HotStoreError} `invalid`. */
export function encodeBeat(beat: ReplicaBeat): string[] {
  const { weight, isLeaving, coveredMs, version = '' } = beat
  const load = loadSchema.safeParse(beat.load)
  if (!load.success) throw invalid('the load of a replica must be three numbers from 0')
  if (!(weight >= 0 && weight <= WEIGHT_MAX)) {
    throw invalid(`the weight of a replica must be 0 to ${WEIGHT_MAX}, not ${weight}`)
  }
  if (!VERSION.test(version)) throw invalid(`not a version of the fleet: ${quoted(version)}`)
  return [
    ...checkedReplica(beat.replica, beat.run),
    JSON.stringify(weight),
    isLeaving ? 'true' : 'false',
    coveredMs === undefined ? '' : String(checkedTimeMs(Math.floor(coveredMs))),
    JSON.stringify(load.data),
    encodeSlots(beat.slots),
    version,
  ]
}

/** The slots of a dead replica as `beat.lua` wrote them. */
export const encodeLostSlots = (slots: readonly number[]): string =>
  slots.map((slot) => checkedSlot(slot)).join(',')

/** Reads what `beat.lua` returns. */
export function decodeBeat(reply: unknown): BeatResult {
  const [nowMs, version, standing, uncovered, lost, ...view] = toArray(reply)
  return {
    nowMs: toInteger(nowMs),
    standing: oneOf(STANDINGS, toText(standing)),
    view: view.length === 0 ? undefined : decodeView(toText(version), view),
    uncovered: new Map(pairsOf(uncovered).map(([slot, ms]) => [toInteger(slot), toInteger(ms)])),
    lost: pairsOf(lost).map(decodeLost).toSorted(byReplica),
  }
}

/** Reads what `list-replicas.lua` returns. */
export function decodeList(reply: unknown): ReplicaList {
  const [nowMs, members, holdings, lostPending, lostDropped] = toArray(reply)
  const declared = new Map(pairsOf(holdings))
  const replicas = pairsOf(members).map(([replica, text]): ReplicaStatus => {
    const meta = decodeMeta(replica, text)
    return {
      replica,
      run: meta.run,
      weight: meta.weight,
      isLeaving: meta.isLeaving,
      joinedMs: meta.joinedMs,
      beatMs: meta.beatMs,
      coveredMs: meta.coveredMs ?? undefined,
      load: meta.load,
      slots: decodeSlots(declared.get(replica) ?? ''),
    }
  })
  return {
    nowMs: toInteger(nowMs),
    replicas: replicas.toSorted(byReplica),
    lostPending: toInteger(lostPending),
    lostDropped: toInteger(lostDropped, 0),
  }
}

function decodeView(version: string, [members, declared]: readonly unknown[]): FleetView {
  const holdings = new Map<number, { replica: string; holding: Holding }[]>()
  for (const [replica, text] of pairsOf(declared)) {
    for (const [slot, holding] of decodeSlots(text)) {
      const holders = holdings.get(slot)
      if (holders === undefined) holdings.set(slot, [{ replica, holding }])
      else holders.push({ replica, holding })
    }
  }
  for (const holders of holdings.values()) holders.sort(byReplica)
  const decoded = pairsOf(members).map(([replica, text]): Member => {
    const { run, weight, isLeaving } = decodeMeta(replica, text)
    return { replica, run, weight, isLeaving }
  })
  return { version, members: decoded.toSorted(byReplica), holdings }
}

function decodeMeta(replica: string, text: string): z.infer<typeof metaSchema> {
  return decodeJson(metaSchema, { text, what: `what is known of replica ${replica}` })
}

function decodeLost([field, text]: readonly [string, string]): LostReplica {
  const [replica = '', run = ''] = field.split(' ')
  return { replica, run, ...decodeJson(lostSchema, { text, what: `the lost replica ${field}` }) }
}

function decodeJson<T>(
  schema: z.ZodType<T>,
  { text, what }: { readonly text: string; readonly what: string },
): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new HotStoreError('corrupt', `${what} is not readable`, { cause: error })
  }
}

/** "12h 13j", in the order of the slots. */
function encodeSlots(slots: ReadonlyMap<number, Holding>): string {
  return [...slots]
    .toSorted(([a], [b]) => a - b)
    .map(([slot, holding]) => `${checkedSlot(slot)}${holding === 'holding' ? 'h' : 'j'}`)
    .join(' ')
}

function decodeSlots(text: string): Map<number, Holding> {
  const slots = new Map<number, Holding>()
  for (const word of text.split(' ')) {
    if (word === '') continue
    slots.set(toInteger(word.slice(0, -1)), word.endsWith('h') ? 'holding' : 'joining')
  }
  return slots
}

function checkedSlot(slot: number): number {
  if (!Number.isInteger(slot) || slot < 0 || slot >= INGEST_SLOTS) {
    throw invalid(`not a slot: ${slot}`)
  }
  return slot
}

function pairsOf(reply: unknown): [string, string][] {
  const flat = toArray(reply).map(toText)
  const pairs: [string, string][] = []
  for (let index = 0; index + 1 < flat.length; index += 2) {
    pairs.push([flat[index] ?? '', flat[index + 1] ?? ''])
  }
  return pairs
}

function oneOf<const T extends string>(known: readonly T[], text: string): T {
  const found = known.find((one) => one === text)
  if (found === undefined) throw new HotStoreError('corrupt', `unexpected: ${quoted(text)}`)
  return found
}

/** One replica may have lost several runs. */
const byReplica = (a: Named, b: Named): number => {
  if (a.replica !== b.replica) return a.replica < b.replica ? -1 : 1
  return (a.run ?? '') < (b.run ?? '') ? -1 : 1
}

const invalid = (message: string): HotStoreError => new HotStoreError('invalid', message)
