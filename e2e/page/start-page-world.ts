import type { TestProject } from 'vitest/node'
import { openPageWorld } from './page-world.ts'

const ADMIN_KEY = 'a-key-of-sixteen-characters'

declare module 'vitest' {
  interface ProvidedContext {
    /** The poglog that all tests of the page share, and what it takes to know its chat. */
    readonly pageWorld: { readonly api: string; readonly nowMs: number; readonly adminKey: string }
  }
}

/** Vitest calls this before the first test of the page, and what it returns after the last one. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const nowMs = Date.now()
  const world = await openPageWorld(nowMs, { ADMIN_API_KEY: ADMIN_KEY })
  project.provide('pageWorld', { api: world.api, nowMs, adminKey: ADMIN_KEY })
  return async () => {
    await world[Symbol.asyncDispose]()
  }
}
