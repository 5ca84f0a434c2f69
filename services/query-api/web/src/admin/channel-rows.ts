import type { AdminChannel } from '../api/admin.ts'

/** What channels can be sorted by. */
export const COLUMNS = [
  'login',
  'channelId',
  'addedAt',
  'replicas',
  'messagesPerMinute',
  'retentionDays',
  'isOptedOut',
] as const
export type Column = (typeof COLUMNS)[number]

export interface Sort {
  readonly column: Column
  readonly isDescending: boolean
}

/** Channels on one page of the table. */
const PAGE_ROWS = 100

/** A page of channels; `first` counts from 0. */
export interface ChannelPage {
  readonly rows: readonly AdminChannel[]
  readonly first: number
  readonly total: number
  readonly hasNext: boolean
}

/** The channels that match a text in login, id or replica, sorted; those of which a value is not known last. */
export function chosen(
  channels: readonly AdminChannel[],
  filter: string,
  { column, isDescending }: Sort,
): readonly AdminChannel[] {
  const wanted = filter.trim().toLowerCase()
  const matching = channels.filter(
    ({ login, channelId, replicas }) =>
      login.includes(wanted) ||
      channelId === wanted ||
      replicas.some((replica) => replica.toLowerCase() === wanted),
  )
  return matching.toSorted((one, other) => {
    const [a, b] = [valueOf(one, column), valueOf(other, column)]
    if (a === b) return one.login < other.login ? -1 : 1
    if (a === undefined || b === undefined) return a === undefined ? 1 : -1
    return a < b === isDescending ? 1 : -1
  })
}

/** One page of channels; the last where there is none so late. */
export function pageOf(channels: readonly AdminChannel[], page: number): ChannelPage {
  const total = channels.length
  const last = Math.max(Math.ceil(total / PAGE_ROWS) - 1, 0)
  const first = Math.min(page, last) * PAGE_ROWS
  const rows = channels.slice(first, first + PAGE_ROWS)
  return { rows, first, total, hasNext: first + rows.length < total }
}

/** What follows from a click on a column: by it, then the other way around. Where most matters, most comes first. */
export function sortedBy(column: Column, before: Sort): Sort {
  if (column === before.column) return { column, isDescending: !before.isDescending }
  const isMostFirst = column === 'messagesPerMinute' || column === 'isOptedOut'
  return { column, isDescending: isMostFirst || column === 'addedAt' }
}

function valueOf(channel: AdminChannel, column: Column): string | number | undefined {
  const value = channel[column]
  if (column === 'channelId') return value === null ? undefined : Number(value)
  if (typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return value === null || value.length === 0 ? undefined : value.join(', ')
}
