import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import { opened } from './file-unit.ts'
import type { PoliteClient } from './http.ts'
import type { OpenOptions, OpenUnit, Unit } from './unit.ts'

const DAY_MS = 86_400_000
/** justlog's days are those of its server's clock: a day may go on so long after it has ended in UTC. */
const ZONE_MS_MAX = 14 * 3_600_000

const part = z.coerce.number().int().min(0).max(9999)
const listSchema = z.object({
  availableLogs: z.array(z.object({ year: part, month: part, day: part.optional() })),
})

/** What to take from a running justlog or rustlog (or poglog). Days are ms since the Unix epoch, UTC, both inclusive. */
export interface InstanceQuery {
  /** The address of the instance, without a trailing slash. */
  readonly base: string
  /** A login, or an id in digits. */
  readonly channel: string
  readonly user?: string | undefined
  readonly fromDayMs: number
  readonly toDayMs: number
}

/**
 * The days of a channel, or the months of a user in it, that an instance has, oldest first.
 *
 * @throws {Problem} when the instance does not answer, or has no logs of it.
 */
export async function instanceUnits(
  query: InstanceQuery,
  http: PoliteClient,
  signal: AbortSignal,
): Promise<Unit[]> {
  const { base, channel, user, fromDayMs, toDayMs } = query
  const list = new URL(`${base}/list`)
  list.searchParams.set(isId(channel) ? 'channelid' : 'channel', nameOf(channel))
  if (user !== undefined) list.searchParams.set(isId(user) ? 'userid' : 'user', nameOf(user))
  const whose = `${nameOf(channel)}${user === undefined ? '' : ` of ${nameOf(user)}`}`
  const text = await http.text(list.href, signal)
  if (text === undefined) throw new Problem(`${base} has no logs of ${whose}`)
  const found = listSchema.safeParse(parseJson(text))
  if (!found.success) {
    throw new Problem(`${list.href} does not answer as justlog and rustlog do`, {
      cause: found.error,
    })
  }
  const places = found.data.availableLogs.map(({ year, month, day }) => {
    const fromMs = Date.UTC(year, month - 1, day ?? 1)
    const toMs = day === undefined ? Date.UTC(year, month, 1) : fromMs + DAY_MS
    const path = day === undefined ? `${year}/${month}` : `${year}/${month}/${day}`
    return { fromMs, toMs, url: `${base}/${pathOf(query)}/${path}?raw` }
  })
  return places
    .filter(({ fromMs, toMs }) => toMs > fromDayMs && fromMs <= toDayMs)
    .toSorted((left, right) => left.fromMs - right.fromMs)
    .map(({ fromMs, toMs, url }) => ({
      name: url,
      id: toMs + ZONE_MS_MAX < Date.now() ? `url ${url}` : undefined,
      dayMs: fromMs,
      sizeBytes: undefined,
      channelId: isId(channel) ? channel : undefined,
      open: (how) => download(url, how, http),
    }))
}

/** Whole on the disk before it is read, so that a connection that breaks costs no half day. */
async function download(
  url: string,
  { workDir, signal }: OpenOptions,
  http: PoliteClient,
): Promise<OpenUnit> {
  const path = join(workDir, `download-${randomUUID()}`)
  let isWhole = false
  try {
    isWhole = await http.download(url, path, signal)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  const unit = opened(createReadStream(path), () => Promise.resolve(isWhole))
  return {
    ...unit,
    async [Symbol.asyncDispose]() {
      await unit[Symbol.asyncDispose]()
      await rm(path, { force: true })
    },
  }
}

function pathOf({ channel, user }: InstanceQuery): string {
  const ofChannel = `${isId(channel) ? 'channelid' : 'channel'}/${encodeURIComponent(nameOf(channel))}`
  if (user === undefined) return ofChannel
  return `${ofChannel}/${isId(user) ? 'userid' : 'user'}/${encodeURIComponent(nameOf(user))}`
}

/** Digits are an id; `login:123` is a login all the same. */
function isId(name: string): boolean {
  return /^\d{1,20}$/.test(name)
}

export function nameOf(name: string): string {
  return name.replace(/^login:|^#/, '').toLowerCase()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
