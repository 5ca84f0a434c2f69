import { fileURLToPath } from 'node:url'
import { openHotStore } from '@poglog/hot-store'
import { createFooterCache } from '@poglog/log-format'
import { openObjectStore, watchStore } from '@poglog/object-store'
import { createLogger, openTracing, runService, traceCalls } from '@poglog/service-kit'
import { openAdminKeys } from './admin/admin-keys.ts'
import { openQueueBoard } from './admin/queue-board.ts'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { createEvents } from './events.ts'
import { Gate } from './gate.ts'
import { LIVE_LIMITS, QUERIES_MAX, READ_LIMITS } from './limits.ts'
import { readPage } from './page/read-page.ts'
import { PageBoundsCache } from './read/page-bounds.ts'
import { watchFooters } from './read/watch-footers.ts'
import { startServer } from './server.ts'

const NAME = 'query-api'
/** What `npm run build` makes of the web page. */
const PAGE_DIR = fileURLToPath(new URL('../web/dist', import.meta.url))
/** A key that no segment has: asking its size shows whether the store answers. */
const PROBE_KEY = 'probe'

await runService({
  name: NAME,
  async run({ resources, stopping }) {
    const config = readConfig(process.env)
    const events = createEvents(createLogger({ name: NAME, level: config.logLevel }))
    const tracing = resources.use(await openTracing(NAME, process.env))
    const hot = await openHotStore({
      ...config.hot,
      onCall: traceCalls(tracing, 'redis', events.redisCalled),
    })
    resources.defer(() => {
      hot.close()
    })
    const store = await openObjectStore(config.cold)
    resources.defer(() => store.close())
    const cold = watchStore(store, traceCalls(tracing, 'store', events.storeAsked))
    const adminKeys = openAdminKeys(config.admin, events)
    const isOpenToAdmins = adminKeys().length > 0
    const board = isOpenToAdmins
      ? resources.use(openQueueBoard(config.queueRedisUrl, events.queueBoardFailed))
      : undefined
    const page = await readPage(PAGE_DIR)
    if (page === undefined) events.pageNotBuilt(PAGE_DIR)
    const app = createApp({
      hot,
      cold,
      footers: watchFooters(createFooterCache(), events.cacheLookedUp),
      events,
      tracing,
      pageBounds: new PageBoundsCache({ onLookUp: events.cacheLookedUp }),
      limits: READ_LIMITS,
      gate: new Gate(QUERIES_MAX),
      onEqualKeys: events.equalKeys,
      ready: { hot: () => hot.ping(), cold: () => cold.size(PROBE_KEY) },
      adminKeys,
      queueBoard: board?.app,
      acrossChannels: config.acrossChannels,
      joinOnDemandMax: config.joinOnDemandMax,
      trustedProxyHops: config.trustedProxyHops,
      rateLimitPerMinute: config.rateLimitPerMinute,
      streamsPerAddress: config.streamsPerAddress,
      liveLimits: { ...LIVE_LIMITS, ...config.live },
      page,
      stopping,
    })
    const server = resources.use(await startServer(app, config))
    events.started(server.url)
  },
})
