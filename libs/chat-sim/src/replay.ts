import type { Deliverable, Hub } from './hub.ts'
import { routeLine } from './line-route.ts'
import { scanFile, readLines } from './replay-file.ts'
import type { FileSummary } from './replay-file.ts'
import type { Feed, FeedHooks } from './feed.ts'
import { Pace } from './pace.ts'
import type { Progress, ReplaySource } from './types.ts'

/** How long a wait lasts before its reason is looked at again, if nothing wakes it. */
const RECHECK_MS = 50

/** Sends a file to those who listen, and waits for them. */
export class Replay implements Feed {
  readonly rooms: ReadonlyMap<string, string>
  readonly #source: ReplaySource
  readonly #total: number
  readonly #hub: Hub
  readonly #hooks: FeedHooks
  #sent = 0
  #skipped = 0
  #isDone = false
  #isStopped = false

  private constructor(
    source: ReplaySource,
    summary: FileSummary,
    feed: { hub: Hub; hooks: FeedHooks },
  ) {
    this.#source = source
    this.#total = summary.lines
    this.rooms = summary.channels
    this.#hub = feed.hub
    this.#hooks = feed.hooks
  }

  /** @throws {ChatSimError} `bad-file` */
  static async open(source: ReplaySource, feed: { hub: Hub; hooks: FeedHooks }): Promise<Replay> {
    return new Replay(source, await scanFile(source.file), feed)
  }

  progress(): Progress {
    return {
      sent: this.#sent,
      total: this.#total,
      done: this.#isDone,
      skipped: this.#skipped,
      waitingFor: [...this.rooms.keys()].filter((channel) => !this.#hub.hasListener(channel)),
    }
  }

  stop(): void {
    this.#isStopped = true
    this.#hub.changed.notify()
  }

  async run(): Promise<void> {
    await this.#until(() => this.progress().waitingFor.length === 0)
    const pace = new Pace(this.#source.rate, () => this.#isStopped)
    for await (const batch of readLines(this.#source.file)) {
      this.#skipped += batch.unsendable
      for (const line of batch.lines) {
        if (this.#isStopped) return
        const route = routeLine(line)
        if (route.to === 'withheld') this.#skipped++
        else {
          // Most lines need no wait, and an await for each would cost more than sending it.
          if (!this.#isReady(route) || !pace.take()) await this.#turnOf(route, pace)
          this.#deliver(route, line)
        }
      }
    }
    await this.#until(() => this.#hub.loggedIn().every(({ isEmpty }) => isEmpty))
    if (this.#isStopped) return
    this.#isDone = true
    this.#hooks.onDone()
  }

  /** Resolves when the line may go: someone listens, nobody is full, and the rate allows it. */
  async #turnOf(route: Deliverable, pace: Pace): Promise<void> {
    do {
      if (!this.#isReady(route)) {
        await this.#until(() => this.#isReady(route))
        pace.restart()
      }
      await pace.next()
    } while (!this.#isStopped && !this.#isReady(route))
  }

  #deliver(route: Deliverable, line: string): void {
    if (this.#isStopped) return
    if (this.#hub.deliver(route, line)) this.#sent++
    else this.#skipped++
  }

  /** Someone listens and nobody who matters is full. */
  #isReady(route: Deliverable): boolean {
    let hasListener = false
    let isStalled = false
    for (const listener of this.#hub.listeners(route)) {
      if (listener.isStalled) isStalled = true
      else if (listener.isFull) return false
      else hasListener = true
    }
    return hasListener || (!isStalled && this.#source.pauseWithoutListener === false)
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!this.#isStopped && !isTrue()) await this.#hub.changed.wait(RECHECK_MS)
  }
}
