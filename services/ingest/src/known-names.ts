import type { Name } from '@poglog/hot-store'
import { isLogin } from '@poglog/hot-store'
import { ownCopy } from './own-copy.ts'
import { RecentMap } from './recent-map.ts'

const NAMES_MAX = 200_000
const UNLEARNT_MAX = 50_000
/**
 * A name that is still in use is told again so often, in case Redis lost it. A login with a new owner is news at once.
 * Each time costs as much as storing a line or two.
 */
const REFRESH_MS = 3_600_000

interface KnownName {
  readonly id: string
  readonly seenAtMs: number
}

/** Which login has which id, as the lines of this process tell it; what is news is kept for Redis. */
export class KnownNames {
  readonly #byLogin = new RecentMap<KnownName>(NAMES_MAX)
  readonly #unlearnt = new Map<string, Name>()

  /** Takes a name from a line. One that is known costs a look-up and nothing else. */
  see(login: string, id: string, seenAtMs: number): void {
    const known = this.#byLogin.get(login)
    const isNews = known === undefined || known.id !== id || seenAtMs >= known.seenAtMs + REFRESH_MS
    if (!isNews || id === '' || !isLogin(login)) return
    if (known !== undefined && known.seenAtMs > seenAtMs) return
    const name = { login: ownCopy(login), id: ownCopy(id), seenAtMs }
    this.#byLogin.set(name.login, { id: name.id, seenAtMs })
    // While Redis is away: what does not fit is seen again, because it is forgotten here too.
    if (this.#unlearnt.size < UNLEARNT_MAX || this.#unlearnt.has(name.login)) {
      this.#unlearnt.set(name.login, name)
    } else this.#byLogin.delete(name.login)
  }

  idOf(login: string): string | undefined {
    return this.#byLogin.get(login)?.id
  }

  /** Takes what Redis has not been told yet; give it back where that fails. */
  takeUnlearnt(): readonly Name[] {
    const names = [...this.#unlearnt.values()]
    this.#unlearnt.clear()
    return names
  }

  giveBack(names: readonly Name[]): void {
    for (const name of names) {
      if (!this.#unlearnt.has(name.login)) this.#unlearnt.set(name.login, name)
    }
  }
}
