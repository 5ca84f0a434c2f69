const BATCH_USERS = 500

/** Many user ids, packed: 11 bytes each instead of the 40 of a string in an array. */
export class UserBatches {
  readonly #packed: string[] = []
  #open: string[] = []

  add(userId: string): void {
    this.#open.push(userId)
    if (this.#open.length >= BATCH_USERS) this.#pack()
  }

  /** Yields the ids in batches, in the order they came. */
  *batches(): Generator<string[]> {
    if (this.#open.length > 0) this.#pack()
    for (const packed of this.#packed) yield packed.split(' ')
  }

  #pack(): void {
    this.#packed.push(this.#open.join(' '))
    this.#open = []
  }
}
