import { lazy, Suspense } from 'preact/compat'
import { useEffect } from 'preact/hooks'
import { useShownName } from './api/names.ts'
import { Header } from './header.tsx'
import { HomeView } from './home/home-view.tsx'
import { LogView } from './log/log-view.tsx'
import { placeTitle } from './place/title.ts'
import type { Place } from './place/place.ts'
import { usePlace } from './place/use-place.tsx'
import { Boundary } from './ui/boundary.tsx'
import { Offline } from './ui/offline.tsx'
import { Skeleton } from './ui/skeleton.tsx'

// What is not needed to read comes when it is first opened.
const WordsView = lazy(() => import('./count/words-view.tsx').then((m) => m.WordsView))
const CoverageView = lazy(() => import('./coverage/coverage-view.tsx').then((m) => m.CoverageView))
const AdminView = lazy(() => import('./admin/admin-view.tsx').then((m) => m.AdminView))
const OptOutView = lazy(() => import('./optout/opt-out-view.tsx').then((m) => m.OptOutView))

/** The whole page: the header, and the view that its address names. */
export function App() {
  const [place] = usePlace()
  const channel = useShownName('channel', place.channel)
  const user = useShownName('user', place.user)
  const title = placeTitle({ ...place, channel, user })
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <div class="app">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div>
        <Header />
        <Offline />
      </div>
      <main id="main" tabIndex={-1}>
        <Boundary key={`${place.view} ${place.channel} ${place.user}`}>
          <Suspense fallback={<Skeleton rows={12} label="Loading" />}>
            <View place={place} />
          </Suspense>
        </Boundary>
      </main>
    </div>
  )
}

function View({ place }: { readonly place: Place }) {
  const { view, channel, user } = place
  switch (view) {
    case 'optout':
      return <OptOutView />
    case 'admin':
      return <AdminView />
    case 'words':
      return channel === undefined && user === undefined ? (
        <HomeView />
      ) : (
        <WordsView place={place} />
      )
    case 'coverage':
      return channel === undefined ? <HomeView /> : <CoverageView place={{ ...place, channel }} />
    case 'log':
      return channel === undefined && user === undefined ? <HomeView /> : <LogView place={place} />
  }
}
