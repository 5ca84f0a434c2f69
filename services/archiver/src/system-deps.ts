import { setTimeout as sleep } from 'node:timers/promises'
import { ulid } from 'ulid'
import type { ArchiveDeps } from './deps.ts'

/** Time and names as this machine gives them. */
export const systemDeps: Pick<ArchiveDeps, 'clock' | 'sleep' | 'newUlid'> = {
  clock: () => performance.now(),
  sleep: async (delayMs) => {
    await sleep(delayMs)
  },
  newUlid: (timeMs) => ulid(timeMs),
}
