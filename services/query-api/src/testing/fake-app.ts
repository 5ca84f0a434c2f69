import { createFooterCache } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { createLogger } from '@poglog/service-kit'
import { createApp } from '../app.ts'
import type { AppDeps } from '../app.ts'
import type { QueryApp } from '../app-types.ts'
import { createEvents } from '../events.ts'
import type { Events } from '../events.ts'
import { Gate } from '../gate.ts'
import { READ_LIMITS } from '../limits.ts'
import { PageBoundsCache } from '../read/page-bounds.ts'
import { FakeHot } from './fake-hot.ts'

/** Queries at once. */
const GATE = 4

/** The application over stores in memory. */
export function fakeApp(changes: Partial<AppDeps> = {}): QueryApp {
  return createApp(fakeDeps(changes))
}

/** What {@link fakeApp} is made of. */
export function fakeDeps<Changes extends Partial<AppDeps>>(changes: Changes) {
  const events = changes.events ?? silentEvents()
  return {
    hot: new FakeHot(),
    cold: memoryObjectStore(),
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: READ_LIMITS,
    onEqualKeys: events.equalKeys,
    events,
    gate: new Gate(GATE),
    ready: { hot: async () => undefined },
    ...changes,
  }
}

/** Events that count and log nothing. */
function silentEvents(): Events {
  return createEvents(createLogger({ name: 'test', level: 'silent' }))
}
