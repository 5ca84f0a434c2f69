import { ArrowDown, ArrowUp, Trash2 } from 'lucide-preact'
import type { AdminChannel } from '../api/admin.ts'
import { dayText } from '../place/time.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { numberText } from '../ui/number.ts'
import { COLUMNS, sortedBy } from './channel-rows.ts'
import type { Column, Sort } from './channel-rows.ts'
import { rateText } from './rate-text.ts'

const NAMES: Readonly<Record<Column, string>> = {
  login: 'Channel',
  channelId: 'Id',
  addedAt: 'Added',
  replicas: 'Received by',
  messagesPerMinute: 'Messages/min',
  retentionDays: 'Kept',
  isOptedOut: 'Opted out',
}

interface ChannelTableProps {
  readonly rows: readonly AdminChannel[]
  readonly sort: Sort
  readonly onSort: (sort: Sort) => void
  readonly onRemove: (login: string) => void
}

/** Channels with what admins want to know of each. */
export function ChannelTable({ rows, sort, onSort, onRemove }: ChannelTableProps) {
  return (
    <div class="table-scroll">
      <table class="table admin-table">
        <caption class="unseen">Channels; times are UTC</caption>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <SortHeader key={column} column={column} sort={sort} onSort={onSort} />
            ))}
            <th scope="col">
              <span class="unseen">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((channel) => (
            <ChannelRow key={channel.login} channel={channel} onRemove={onRemove} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface SortHeaderProps extends Pick<ChannelTableProps, 'sort' | 'onSort'> {
  readonly column: Column
}

function SortHeader({ column, sort, onSort }: SortHeaderProps) {
  const isCurrent = sort.column === column
  const Icon = sort.isDescending ? ArrowDown : ArrowUp
  return (
    <th
      scope="col"
      class={column === 'messagesPerMinute' ? 'number' : undefined}
      aria-sort={isCurrent ? (sort.isDescending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" class="sort" onClick={() => onSort(sortedBy(column, sort))}>
        {NAMES[column]}
        {isCurrent ? <Icon size={14} aria-hidden="true" /> : null}
      </button>
    </th>
  )
}

interface ChannelRowProps extends Pick<ChannelTableProps, 'onRemove'> {
  readonly channel: AdminChannel
}

function ChannelRow({ channel, onRemove }: ChannelRowProps) {
  const { login, channelId, addedAt, replicas, messagesPerMinute, retentionDays } = channel
  return (
    <tr>
      <th scope="row">
        <PlaceLink to={{ channel: login }}>{login}</PlaceLink>
      </th>
      <td>{channelId ?? <span class="quiet">not seen yet</span>}</td>
      <td>{dayText(addedAt)}</td>
      <td>{replicas.length === 0 ? <span class="bad">nobody</span> : replicas.join(', ')}</td>
      <td class="number">{rateText(messagesPerMinute)}</td>
      <td>{retentionDays === null ? 'for ever' : `${numberText(retentionDays)} d`}</td>
      <td>{channel.isOptedOut ? 'opted out' : ''}</td>
      <td class="number">
        <button
          type="button"
          class="button plain icon-only"
          aria-label={`Stop logging ${login}`}
          onClick={() => onRemove(login)}
        >
          <Trash2 size={16} aria-hidden="true" />
        </button>
      </td>
    </tr>
  )
}
