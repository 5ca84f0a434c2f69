/** Loads things in order, some ahead of time. */
export class LoadQueue<Item, Loaded> {
  readonly #items: readonly Item[]
  readonly #load: (item: Item) => Promise<Loaded>
  readonly #loading: Promise<Loaded>[] = []
  #asked = 0

  constructor(items: readonly Item[], load: (item: Item) => Promise<Loaded>) {
    this.#items = items
    this.#load = load
  }

  /** Sees to it that `ahead` of them are being loaded. */
  ask(ahead: number): void {
    while (this.#loading.length < ahead) {
      const item = this.#items[this.#asked]
      if (item === undefined) return
      this.#asked += 1
      const loading = this.#load(item)
      loading.catch(() => undefined) // Whoever takes it sees the failure; nobody may ever take it.
      this.#loading.push(loading)
    }
  }

  /** The next one; `undefined` behind the last. */
  take(): Promise<Loaded> | undefined {
    this.ask(1)
    return this.#loading.shift()
  }
}
