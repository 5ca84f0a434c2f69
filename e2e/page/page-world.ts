import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, runPoglog, startPoglog, temporaryFolder } from '../poglog.ts'
import type { Poglog } from '../poglog.ts'
import { pageChat } from './chat/page-chat.ts'
import type { PageChat } from './chat/page-chat.ts'

const REPLAY_MS_MAX = 60_000

/** A poglog that a user has started on a file of known chat. */
export class PageWorld implements AsyncDisposable {
  readonly poglog: Poglog
  readonly chat: PageChat
  readonly #opened: AsyncDisposableStack

  private constructor(
    { poglog, chat }: Pick<PageWorld, 'poglog' | 'chat'>,
    opened: AsyncDisposableStack,
  ) {
    this.poglog = poglog
    this.chat = chat
    this.#opened = opened
  }

  /** @param env the settings of that poglog. */
  static async open(env: Record<string, string>): Promise<PageWorld> {
    await using opening = new AsyncDisposableStack()
    const folder = opening.use(await temporaryFolder())
    const chat = pageChat(Date.now())
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
    const { code, output } = await runPoglog(['seal', '--data', data])
    if (code !== 0) throw new Error(output)
    return new PageWorld({ poglog, chat }, opening.move())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
  }
}
