import { randomInt } from 'node:crypto'
import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { checkedId, OPT_OUT_KEYS } from './keys.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { loadScript } from './script.ts'
import type { OptOut, OptOutChange, OptOutKind, OptOuts } from './types.ts'

/** Most users, and most channels, that can be opted out: every process keeps them, about 100 bytes each. */
export const OPT_OUTS_MAX = 100_000
/** For how long a code is good, in milliseconds. */
export const OPT_OUT_CODE_MS = 60_000
/** Most codes that are good at a time. */
export const OPT_OUT_CODES_MAX = 10_000

const CODE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const CODE_LENGTH = 5
const CODE = /^[A-Za-z0-9]{5}$/
/** Of 900 million codes at most ten thousand are out: a second one in a row is as good as never taken. */
const CODE_TRIES = 5

const VIEW = loadScript('opt-outs-view')
const SET = loadScript('set-opt-out')
const ISSUE = loadScript('issue-code')
const REDEEM = loadScript('redeem-code')
const LIST_HASH = loadScript('list-hash')

const AT_LIMIT = -1
const NO_SUCH_CODE = -2

/** The users and channels that want to be neither stored nor shown (P1), and the codes by which users say so. */
export class OptOutList {
  readonly #connection: Connection
  #known: { readonly version: string; readonly optOuts: OptOuts } | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Who is opted out now, by one small command; the same object as before while nothing has changed. */
  async view(): Promise<OptOuts> {
    const known = this.#known
    const keys = [OPT_OUT_KEYS.state, OPT_OUT_KEYS.users, OPT_OUT_KEYS.channels]
    const call = { script: VIEW, keys, args: [known?.version ?? ''] }
    const reply = toArray(await this.#connection.run(call))
    if (reply.length === 1 && known !== undefined) return known.optOuts
    const [version, users, channels] = reply
    const optOuts = { users: idsOf(users), channels: idsOf(channels) }
    this.#known = { version: toText(version), optOuts }
    return optOuts
  }

  /**
   * Opts a user or channel out or in again, by id.
   *
   * @returns whether that changed anything.
   * @throws {HotStoreError} `invalid` when the id is no decimal number, or at 100,000 users or channels.
   */
  async set(change: OptOutChange): Promise<boolean> {
    const keys = [OPT_OUT_KEYS.state, OPT_OUT_KEYS[change.kind]]
    const args = argsOf(change)
    const changed = await this.#connection.runReplicated({ script: SET, keys, args })
    return isChanged(changed, change)
  }

  /** All that are opted out, with the time of it, in order of their ids. */
  async list(kind: OptOutKind): Promise<OptOut[]> {
    const call = { script: LIST_HASH, keys: [OPT_OUT_KEYS[kind]], args: [] }
    const pairs = toArray(await this.#connection.run(call)).map(toText)
    const found: OptOut[] = []
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      found.push({ id: pairs[index] ?? '', sinceMs: toInteger(pairs[index + 1]) })
    }
    return found.toSorted((a, b) => Number(a.id) - Number(b.id))
  }

  /** Issues a code that is good once, for a minute; `undefined` while 10,000 are out. */
  async issueCode(): Promise<string | undefined> {
    for (let tries = 0; tries < CODE_TRIES; tries += 1) {
      const code = randomCode()
      const args = [code, OPT_OUT_CODE_MS, OPT_OUT_CODES_MAX]
      const call = { script: ISSUE, keys: [OPT_OUT_KEYS.codes], args }
      const issued = toInteger(await this.#connection.runReplicated(call))
      if (issued === AT_LIMIT) return undefined
      if (issued === 1) return code
    }
    throw new HotStoreError('unavailable', `no free code in ${CODE_TRIES} tries`)
  }

  /**
   * Uses a code up and makes the change it was typed for, in one script. Fails as {@link OptOutList.set} does; the code is good
   * still then.
   *
   * @returns `false` when there is no such code (any more). After a lost reply it says so too: look at the view.
   */
  async redeem(code: string, change: OptOutChange): Promise<boolean> {
    const args = argsOf(change)
    if (!CODE.test(code)) return false
    const keys = [OPT_OUT_KEYS.state, OPT_OUT_KEYS[change.kind], OPT_OUT_KEYS.codes]
    const call = { script: REDEEM, keys, args: [...args, code] }
    const reply = toInteger(await this.#connection.runReplicated(call))
    if (reply === NO_SUCH_CODE) return false
    isChanged(reply, change)
    return true
  }
}

const argsOf = ({ id, isOut }: OptOutChange): [string, string, number] => [
  checkedId(id),
  isOut ? 'out' : 'in',
  OPT_OUTS_MAX,
]

const idsOf = (reply: unknown): ReadonlySet<string> => new Set(toArray(reply).map(toText))

function isChanged(reply: unknown, { kind }: OptOutChange): boolean {
  const changed = toInteger(reply)
  if (changed === AT_LIMIT) {
    throw new HotStoreError('invalid', `more than ${OPT_OUTS_MAX} ${kind} opted out`)
  }
  return changed === 1
}

function randomCode(): string {
  let code = ''
  while (code.length < CODE_LENGTH) code += CODE_CHARACTERS[randomInt(CODE_CHARACTERS.length)]
  return code
}
