import type { BrowserContext } from 'playwright-core'

/** Where Twitch serves the images of emotes and badges. */
export const TWITCH_IMAGES = 'static-cdn.jtvnw.net'

/** What goes wrong in a page, and who it talks to. Nothing is right that nobody has foreseen. */
export class Trouble {
  readonly #found: string[] = []
  readonly #foreseen: RegExp[] = []

  constructor(context: BrowserContext, ownHost: string) {
    context.on('console', (message) => {
      const type = message.type()
      if (type === 'error' || type === 'warning') this.#found.push(`${type}: ${message.text()}`)
    })
    context.on('weberror', (error) => this.#found.push(`uncaught: ${error.error().message}`))
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? ''
      // What the page itself gave up, as it does when somebody goes elsewhere.
      if (why !== 'net::ERR_ABORTED') this.#found.push(`failed: ${why} ${request.url()}`)
    })
    context.on('request', (request) => {
      const { protocol, host } = new URL(request.url())
      const isOutside = protocol.startsWith('http') && host !== ownHost && host !== TWITCH_IMAGES
      if (isOutside) this.#found.push(`asked of another host: ${request.url()}`)
    })
  }

  /** From here on this may happen: a test has brought it about. */
  foresee(what: RegExp): void {
    this.#foreseen.push(what)
  }

  /** What happened without having been foreseen. */
  found(): readonly string[] {
    return this.#found.filter((told) => !this.#foreseen.some((what) => what.test(told)))
  }
}
