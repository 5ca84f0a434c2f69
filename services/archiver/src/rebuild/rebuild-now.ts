import { openHotStore } from '@poglog/hot-store'
import { openObjectStore } from '@poglog/object-store'
import type { SegmentError } from '@poglog/log-format'
import type { JobConfig } from '../config.ts'
import { rebuild } from './rebuild.ts'
import type { RebuildOptions, RebuildResult } from './rebuild.ts'
import { verify } from './verify.ts'
import type { VerifyProgress, VerifyResult } from './verify.ts'

interface Where {
  /** Where hot and cold are; `readJobConfig` makes it from the environment. */
  readonly settings: JobConfig
  readonly signal?: AbortSignal
}

/** Makes the manifests anew from the object store; see {@link rebuild}, whose errors it throws. */
export async function rebuildNow({
  settings,
  signal,
  ...options
}: Where &
  RebuildOptions & {
    /** Called with what an operator should look at though the rebuild goes on. */
    readonly onWarning?: (message: string) => void
  }): Promise<RebuildResult> {
  await using stores = await openStores(settings)
  const lookUpFailed = (error: SegmentError): void => options.onWarning?.(error.message)
  const deps = { ...stores, events: { lookUpFailed }, ...(signal !== undefined && { signal }) }
  return await rebuild(deps, options)
}

/** Reads the whole archive and says what is wrong; see {@link verify}, whose errors it throws. */
export async function verifyNow({
  settings,
  signal,
  onProgress,
}: Where & {
  readonly onProgress?: (progress: VerifyProgress) => void
}): Promise<VerifyResult> {
  await using stores = await openStores(settings)
  return await verify({ ...stores, ...(signal !== undefined && { signal }) }, onProgress)
}

async function openStores(settings: JobConfig) {
  await using opened = new AsyncDisposableStack()
  const hot = await openHotStore(settings.redis)
  opened.defer(() => {
    hot.close()
  })
  const cold = await openObjectStore(settings.store)
  opened.defer(() => cold.close())
  const resources = opened.move()
  return { hot, cold, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
