/** Who has joined which channel. While a channel moves, two have; lines are for the one that came last. */
export class Receivers<Receiver> {
  readonly #byLogin = new Map<string, Receiver[]>()

  of(login: string): Receiver | undefined {
    return this.#byLogin.get(login)?.at(-1)
  }

  joined(login: string, receiver: Receiver): void {
    this.#byLogin.set(login, [...this.#others(login, receiver), receiver])
  }

  parted(login: string, receiver: Receiver): void {
    this.#byLogin.set(login, this.#others(login, receiver))
  }

  gone(receiver: Receiver): void {
    for (const login of this.#byLogin.keys()) this.parted(login, receiver)
  }

  #others(login: string, receiver: Receiver): Receiver[] {
    return (this.#byLogin.get(login) ?? []).filter((other) => other !== receiver)
  }
}
