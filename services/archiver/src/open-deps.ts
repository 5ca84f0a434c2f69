import { openHotStore } from '@poglog/hot-store'
import type { HotStore } from '@poglog/hot-store'
import { openObjectStore } from '@poglog/object-store'
import type { JobConfig } from './config.ts'
import type { ArchiveDeps } from './deps.ts'
import { SetAside } from './compact/set-aside.ts'
import { systemDeps } from './system-deps.ts'
import { openWorkDir } from './work-dir.ts'

export interface OpenDepsOptions {
  readonly settings: JobConfig
  readonly events: ArchiveDeps['events']
  readonly signal?: AbortSignal | undefined
}

/** What jobs touch, with the whole hot store. Dispose it when no job runs any more. */
export interface OpenedDeps extends AsyncDisposable {
  readonly deps: ArchiveDeps & { readonly hot: HotStore }
}

/** Opens everything that jobs touch. @throws {HotStoreError} or {ObjectStoreError}; nothing stays open. */
export async function openDeps({ settings, events, signal }: OpenDepsOptions): Promise<OpenedDeps> {
  await using opened = new AsyncDisposableStack()
  const hot = await openHotStore(settings.redis)
  opened.defer(() => {
    hot.close()
  })
  const cold = await openObjectStore(settings.store)
  opened.defer(() => cold.close())
  const workDir = opened.use(await openWorkDir(settings.workDir))
  const own = signal === undefined ? {} : { signal }
  const setAside = new SetAside(systemDeps.clock)
  const { limits } = settings
  const deps = { hot, cold, events, limits, workDir: workDir.path, setAside, ...systemDeps, ...own }
  const resources = opened.move()
  return {
    deps,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
