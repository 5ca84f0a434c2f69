/** Counts who is inside, in all and of each client address. */
export class Places {
  readonly #max: number
  readonly #perAddressMax: number
  readonly #addresses = new Map<string, number>()
  #inside = 0

  constructor({ max, perAddressMax }: { readonly max: number; readonly perAddressMax: number }) {
    this.#max = max
    this.#perAddressMax = perAddressMax
  }

  /** @returns what to call, once, when leaving; or which places are all taken. */
  tryEnter(address: string): (() => void) | 'full' | 'address-full' {
    const ofAddress = this.#addresses.get(address) ?? 0
    if (ofAddress >= this.#perAddressMax) return 'address-full'
    if (this.#inside >= this.#max) return 'full'
    this.#inside += 1
    this.#addresses.set(address, ofAddress + 1)
    return () => {
      this.#inside -= 1
      const left = (this.#addresses.get(address) ?? 1) - 1
      if (left === 0) this.#addresses.delete(address)
      else this.#addresses.set(address, left)
    }
  }
}
