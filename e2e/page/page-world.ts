import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, runPoglog, startPoglog, temporaryFolder } from '../poglog.ts'
import { pageChat } from './chat/page-chat.ts'
import type { PageChat } from './chat/page-chat.ts'

const REPLAY_MS_MAX = 60_000

/** A poglog over known chat, as its readers see it. */
export interface PageWorld {
  /** The address of its API and page. */
  readonly api: string
  readonly chat: PageChat
}

/**
 * Starts poglog on a file of known chat, as a user does.
 *
 * @param nowMs the chat is of the days before it.
 * @param env the settings of that poglog.
 */
export async function openPageWorld(
  nowMs: number,
  env: Record<string, string> = {},
): Promise<PageWorld & AsyncDisposable> {
  await using opening = new AsyncDisposableStack()
  const folder = opening.use(await temporaryFolder())
  const chat = pageChat(nowMs)
  const file = join(folder.path, 'chat.irc.txt')
  await writeFile(file, `${chat.lines.map(({ raw }) => raw).join('\n')}\n`)
  const data = join(folder.path, 'data')
  const poglog = await startPoglog({
    data,
    args: ['--replay', file, '--rate', 'max'],
    env,
    onEnd: (end) => opening.defer(end),
  })
  await eventually(async () => poglog.output().includes('all lines sent'), REPLAY_MS_MAX)
  // What was sent is stored once the last batch is; sealing moves it to the archive, as time would.
  const sealed = await runPoglog(['seal', '--data', data])
  if (sealed.code !== 0) throw new Error(sealed.output)
  const opened = opening.move()
  return { api: poglog.api, chat, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
