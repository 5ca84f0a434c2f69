import type { Place } from '../place/place.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { BarTable } from './bar-table.tsx'
import { periodText } from './period-text.ts'
import { messagesOf } from './scope.ts'

interface BusiestHoursProps {
  readonly place: Place
  readonly hours: readonly { readonly from: number; readonly messages: number }[]
}

/** The hours in which most was said; each leads to its messages. */
export function BusiestHours({ place, hours }: BusiestHoursProps) {
  const rows = hours.map(({ from, messages }) => ({
    key: from,
    count: messages,
    name: <PlaceLink to={messagesOf(place, { atMs: from })}>{periodText(from, 'hour')}</PlaceLink>,
  }))
  return <BarTable caption="Busiest hours" columns={['Hour, UTC', 'Messages']} rows={rows} />
}
