import { dayMsOf } from '../calendar-date.ts'
import { Problem } from '../problem.ts'
import { unitsOf } from './files.ts'
import { PoliteClient } from './http.ts'
import { instanceUnits } from './logs-instance.ts'
import { recentMessagesUnit } from './recent-messages.ts'
import type { Unit } from './unit.ts'

/** What the command line says about where lines come from, as it came. */
export interface SourceOptions {
  readonly from?: string | undefined
  readonly channel?: string | undefined
  readonly user?: string | undefined
  readonly fromDate?: string | undefined
  readonly toDate?: string | undefined
  readonly channelId?: string | undefined
  readonly api?: string | undefined
}

/** @throws {Problem} when the options do not go together, or a source is not there. */
export async function sourcesOf(
  sources: readonly string[],
  options: SourceOptions,
  signal: AbortSignal,
): Promise<Unit[]> {
  const { from, channelId } = options
  if (channelId !== undefined && !/^[1-9]\d{0,19}$/.test(channelId)) {
    throw new Problem(`--channel-id: "${channelId}" is not a channel's number`)
  }
  if (from !== undefined) {
    if (sources.length > 0) throw new Problem('give files or --from, not both')
    return await unitsFrom(from, options, signal)
  }
  for (const name of ['channel', 'user', 'fromDate', 'toDate', 'api'] as const) {
    if (options[name] !== undefined) throw new Problem(`--${dashed(name)} only goes with --from`)
  }
  if (sources.length === 0) {
    throw new Problem('nothing to import: give files, a justlog folder, - or --from (see --help)')
  }
  return await unitsOf(sources, channelId)
}

async function unitsFrom(
  from: string,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<Unit[]> {
  const { user, fromDate, toDate } = options
  const base = addressOf(from)
  const channels = options.channel?.split(',').filter((channel) => channel !== '') ?? []
  if (channels.length === 0) throw new Problem('--from needs --channel: a login or an id')
  const http = new PoliteClient()
  if (isRecentMessages(base, options.api)) {
    if (user !== undefined || fromDate !== undefined || toDate !== undefined) {
      throw new Problem('a recent-messages instance gives all it has: no --user and no dates')
    }
    return channels.map((channel) => recentMessagesUnit({ base, channel }, http))
  }
  const fromDayMs = dayOf('--from-date', fromDate) ?? Number.MIN_SAFE_INTEGER
  const toDayMs = dayOf('--to-date', toDate) ?? Number.MAX_SAFE_INTEGER
  const units: Unit[] = []
  for (const channel of channels) {
    const query = { base, channel, user, fromDayMs, toDayMs }
    units.push(...(await instanceUnits(query, http, signal)))
  }
  return units.toSorted((left, right) => (left.dayMs ?? 0) - (right.dayMs ?? 0))
}

function isRecentMessages(base: string, api: string | undefined): boolean {
  if (api === undefined) return base.includes('recent-messages')
  if (api === 'recent-messages') return true
  if (api === 'justlog' || api === 'rustlog') return false
  throw new Problem(`--api: "${api}" is none of justlog, rustlog, recent-messages`)
}

function addressOf(from: string): string {
  const url = URL.parse(from)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Problem(`--from: "${from}" is no address like https://logs.example.org`)
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

function dayOf(name: string, date: string | undefined): number | undefined {
  if (date === undefined) return undefined
  const dayMs = dayMsOf(date)
  if (dayMs === undefined) throw new Problem(`${name}: "${date}" is no date like 2026-11-21`)
  return dayMs
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
