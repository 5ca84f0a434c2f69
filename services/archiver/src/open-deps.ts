import { openHotStore } from '@poglog/hot-store'
import type { HotStore, OnCall } from '@poglog/hot-store'
import { openObjectStore, watchStore } from '@poglog/object-store'
import type { OnStoreRequest } from '@poglog/object-store'
import type { JobConfig } from './config.ts'
import type { ArchiveDeps } from './deps.ts'
import { SetAside } from './compact/set-aside.ts'
import { untold } from './step.ts'
import type { Step } from './step.ts'
import { systemDeps } from './system-deps.ts'
import { openWorkDir } from './work-dir.ts'

export interface OpenDepsOptions {
  readonly settings: JobConfig
  readonly events: ArchiveDeps['events']
  readonly signal?: AbortSignal | undefined
  /** Told of every call to the stores; nobody unless it is given. */
  readonly watch?: { readonly onCall: OnCall; readonly onStoreRequest: OnStoreRequest }
  /** What does the steps of jobs; they are just done unless it is given. */
  readonly step?: Step | undefined
}

/** What jobs touch, with the whole hot store. Dispose it when no job runs any more. */
export interface OpenedDeps extends AsyncDisposable {
  readonly deps: ArchiveDeps & { readonly hot: HotStore }
}

/** Opens everything that jobs touch. @throws {HotStoreError} or {ObjectStoreError}; nothing stays open. */
export async function openDeps(options: OpenDepsOptions): Promise<OpenedDeps> {
  const { settings, events, signal, watch, step = untold } = options
  await using opened = new AsyncDisposableStack()
  const hot = await openHotStore({ ...settings.redis, onCall: watch?.onCall })
  opened.defer(() => {
    hot.close()
  })
  const store = await openObjectStore(settings.store)
  opened.defer(() => store.close())
  const cold = watch === undefined ? store : watchStore(store, watch.onStoreRequest)
  const workDir = opened.use(await openWorkDir(settings.workDir))
  const own = signal === undefined ? {} : { signal }
  const setAside = new SetAside(systemDeps.clock)
  const { limits } = settings
  const stores = { hot, cold, workDir: workDir.path }
  const deps = { ...stores, events, step, limits, setAside, ...systemDeps, ...own }
  const resources = opened.move()
  return {
    deps,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
