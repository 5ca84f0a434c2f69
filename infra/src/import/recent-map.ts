/** A map that forgets what was set longest ago. */
export class RecentMap {
  readonly #sizeMax: number
  readonly #values = new Map<string, string>()

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  get(key: string): string | undefined {
    return this.#values.get(key)
  }

  /** Keeps copies: a slice would keep alive the whole text it was cut from. */
  set(key: string, value: string): void {
    if (this.#values.get(key) === value) return
    this.#values.delete(key)
    this.#values.set(ownCopy(key), ownCopy(value))
    if (this.#values.size <= this.#sizeMax) return
    const [oldest] = this.#values.keys()
    if (oldest !== undefined) this.#values.delete(oldest)
  }
}

function ownCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
