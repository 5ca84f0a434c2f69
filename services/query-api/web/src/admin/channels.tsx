import { ChevronLeft, ChevronRight } from 'lucide-preact'
import { useMemo, useState } from 'preact/hooks'
import type { AdminChannel } from '../api/admin.ts'
import { numberText } from '../ui/number.ts'
import { AddForm } from './add-form.tsx'
import { chosen, pageOf } from './channel-rows.ts'
import type { ChannelPage, Sort } from './channel-rows.ts'
import { ChannelTable } from './channel-table.tsx'
import { RemoveDialog } from './remove-dialog.tsx'

interface ChannelsProps {
  readonly channels: readonly AdminChannel[]
  readonly adminKey: string
}

/** The channels that are logged: to add, to find and to remove. */
export function Channels({ channels, adminKey }: ChannelsProps) {
  const [filter, setFilter] = useState('')
  const [sort, setSort] = useState<Sort>({ column: 'login', isDescending: false })
  const [page, setPage] = useState(0)
  const [removed, setRemoved] = useState<string>()
  const found = useMemo(() => chosen(channels, filter, sort), [channels, filter, sort])
  const shown = pageOf(found, page)
  return (
    <section aria-labelledby="admin-channels">
      <h2 id="admin-channels">
        Channels <span class="quiet">{numberText(channels.length)}</span>
      </h2>
      <AddForm adminKey={adminKey} />
      <div class="row">
        <input
          class="field filter"
          type="search"
          aria-label="Find channels"
          placeholder="Find a channel, an id or a replica"
          autocapitalize="none"
          spellcheck={false}
          value={filter}
          onInput={({ currentTarget }) => {
            setFilter(currentTarget.value)
            setPage(0)
          }}
        />
        <Pages shown={shown} page={page} onPage={setPage} />
      </div>
      <ChannelTable rows={shown.rows} sort={sort} onSort={setSort} onRemove={setRemoved} />
      {removed === undefined ? null : (
        <RemoveDialog
          key={removed}
          login={removed}
          adminKey={adminKey}
          onClose={() => setRemoved(undefined)}
        />
      )}
    </section>
  )
}

interface PagesProps {
  readonly shown: ChannelPage
  readonly page: number
  readonly onPage: (page: number) => void
}

function Pages({ shown: { rows, first, total, hasNext }, page, onPage }: PagesProps) {
  const last = first + rows.length
  const range = total === 0 ? 'None' : `${numberText(first + 1)}–${numberText(last)}`
  return (
    <div class="row pages">
      <span class="small quiet" role="status">
        {range} of {numberText(total)}
      </span>
      <button
        type="button"
        class="button icon-only"
        aria-label="Previous page"
        disabled={first === 0}
        onClick={() => onPage(page - 1)}
      >
        <ChevronLeft size={18} aria-hidden="true" />
      </button>
      <button
        type="button"
        class="button icon-only"
        aria-label="Next page"
        disabled={!hasNext}
        onClick={() => onPage(page + 1)}
      >
        <ChevronRight size={18} aria-hidden="true" />
      </button>
    </div>
  )
}
