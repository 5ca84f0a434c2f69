import { recordFromLine } from '@poglog/log-format'

/** A tag that makes the line a record of its own. */
const ID = /^[^ ]*[@;]id=/
const CHANNEL = / #(\w+)/

/** How many records lines are of which a logger has stored all before: equal ones, and those that it has, are none. */
export class RecordCount {
  readonly #roomIds: ReadonlyMap<string, string>
  readonly #keys = new Set<string>()
  #count = 0

  /** @param roomIds login -> id of each channel. */
  constructor(roomIds: ReadonlyMap<string, string>) {
    this.#roomIds = roomIds
  }

  /** Yields the lines, and counts them. */
  *countIn(lines: Iterable<string>): Generator<string, void, undefined> {
    for (const line of lines) {
      if (ID.test(line) || this.#isNews(line)) this.#count += 1
      yield line
    }
  }

  /** How many there were since the last time. */
  take(): number {
    const count = this.#count
    this.#count = 0
    return count
  }

  /** Of the few lines without an id, content decides. */
  #isNews(line: string): boolean {
    const channelId = this.#roomIds.get(CHANNEL.exec(line)?.[1] ?? '')
    const key = recordFromLine(line, { receivedAtMs: 0, channelId })?.key
    if (key === undefined || this.#keys.has(key)) return false
    this.#keys.add(key)
    return true
  }
}
