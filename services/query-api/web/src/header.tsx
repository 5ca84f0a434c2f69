import { ChartColumn, Radar, ScrollText } from 'lucide-preact'
import type { LucideIcon } from 'lucide-preact'
import logo from './icon.svg'
import { Finder } from './finder.tsx'
import type { View } from './place/place.ts'
import { PlaceLink, usePlace } from './place/use-place.tsx'

interface Tab {
  readonly view: View
  readonly name: string
  readonly icon: LucideIcon
}

const TABS: readonly Tab[] = [
  { view: 'log', name: 'Log', icon: ScrollText },
  { view: 'words', name: 'Words', icon: ChartColumn },
  { view: 'coverage', name: 'Coverage', icon: Radar },
]

/** The name of the page, whose log it shows, and the views of it. */
export function Header() {
  const [{ view, channel, user }] = usePlace()
  const tabs = TABS.filter((tab) => tab.view !== 'coverage' || channel !== undefined)
  return (
    <header class="header">
      <PlaceLink to={{}} class="logo" aria-label="poglog, to the start">
        <img src={logo} alt="" width="28" height="28" />
        <span>poglog</span>
      </PlaceLink>
      <Finder />
      {channel === undefined && user === undefined ? null : (
        <nav class="tabs" aria-label="Views">
          {tabs.map(({ view: to, name, icon: Icon }) => (
            <PlaceLink
              key={to}
              to={{ view: to, channel, user }}
              class="tab"
              aria-current={view === to ? 'page' : undefined}
            >
              <Icon size={18} aria-hidden="true" />
              {name}
            </PlaceLink>
          ))}
        </nav>
      )}
    </header>
  )
}
