import type { HotLog } from './hot-log.ts'
import type { KnownNames } from './known-names.ts'

/** Tells Redis the names that are news since the last time. Never rejects: what fails is told again. */
export async function learnNames(
  names: KnownNames,
  { hotLog, events }: { hotLog: HotLog; events: { namesFailed: (error: unknown) => void } },
): Promise<void> {
  const store = hotLog.store
  if (store === undefined) return
  const news = names.takeUnlearnt()
  if (news.length === 0) return
  try {
    await store.names.learn(news)
  } catch (error) {
    names.giveBack(news)
    events.namesFailed(error)
  }
}
