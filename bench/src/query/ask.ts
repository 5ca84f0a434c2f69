import { Agent, get } from 'node:http'
import type { IncomingMessage } from 'node:http'

const NEWLINE = 10

/** How an answer came. Times are milliseconds from the request on. */
export interface Asked {
  readonly firstByteMs: number
  readonly wholeMs: number
  /** Line feeds in the body: the number of records of an answer of one line a record. */
  readonly lines: number
  readonly bytes: number
  /** The body where it was asked for, else empty. */
  readonly body: string
}

export interface AskOptions {
  readonly keepBody?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** A client that keeps its connection, as a browser or a bot does. */
export class Asker implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  /** @throws Error on any answer but 200, with what it says. */
  async ask(url: string, { keepBody = false, headers = {} }: AskOptions = {}): Promise<Asked> {
    const startMs = performance.now()
    const response = await this.#get(url, headers)
    let firstByteMs = Number.NaN
    let lines = 0
    let bytes = 0
    const kept: Buffer[] = []
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) throw new Error('a body of text')
      if (bytes === 0) firstByteMs = performance.now() - startMs
      bytes += chunk.length
      if (keepBody || response.statusCode !== 200) kept.push(chunk)
      else for (let at = -1; (at = chunk.indexOf(NEWLINE, at + 1)) !== -1;) lines += 1
    }
    const wholeMs = performance.now() - startMs
    const body = Buffer.concat(kept).toString()
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} of ${url}: ${body}`)
    return { firstByteMs, wholeMs, lines, bytes, body }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }

  async #get(url: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
    return await new Promise((resolve, reject) => {
      get(url, { agent: this.#agent, headers }, resolve).once('error', reject)
    })
  }
}
