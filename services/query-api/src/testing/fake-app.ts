import { createFooterCache } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { createLogger } from '@poglog/service-kit'
import { createApp } from '../app.ts'
import type { AppDeps } from '../app.ts'
import type { QueryApp } from '../app-types.ts'
import { createEvents } from '../events.ts'
import { Gate } from '../gate.ts'
import { READ_LIMITS } from '../limits.ts'
import { PageBoundsCache } from '../read/page-bounds.ts'
import { FakeHot } from './fake-hot.ts'

/** The application over stores in memory. */
export function fakeApp(changes: Partial<AppDeps> = {}): QueryApp {
  const events = createEvents(createLogger({ name: 'test', level: 'silent' }))
  return createApp({
    hot: new FakeHot(),
    cold: memoryObjectStore(),
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: READ_LIMITS,
    onEqualKeys: events.equalKeys,
    events,
    gate: new Gate(2),
    ready: { hot: async () => undefined },
    ...changes,
  })
}
