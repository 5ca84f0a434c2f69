import type { HotStore, OptOutChange } from '@poglog/hot-store'
import { parseChatCommand, toLogin } from './chat-command.ts'
import type { ChatCommand } from './chat-command.ts'

/** Commands that wait at most; each takes a call of Redis or two. More are not taken. */
const WAITING_MAX = 100
/** A line sent longer ago, or so far ahead, is a replay of old chat or of a wrong clock: nobody asks for this now. */
const AGE_MS_MAX = 300_000

/** A message of live chat that may be a command. Twitch says who sent it. */
export interface ChatMessage {
  readonly text: string
  readonly userId: string
  readonly login: string
  /** Milliseconds since the Unix epoch. */
  readonly sentAtMs: number
}

/**
 * Why a command was not done: no such code (any more), or not from an admin; nobody was seen with the login; too many
 * wait; sent too long ago.
 */
export type ChatCommandRefusal = 'not-allowed' | 'unknown-login' | 'too-many' | 'too-old'

/** A command that was done. Never holds a code. */
export interface ChatCommandDone {
  readonly action: ChatCommand['action']
  readonly byUserId: string
  readonly isAdmin: boolean
  /** Of an opt-out: the user or channel. */
  readonly optOut?: OptOutChange | undefined
  readonly logins?: readonly string[] | undefined
}

export interface ChatCommandEvents {
  readonly chatCommandDone: (done: ChatCommandDone) => void
  readonly chatCommandRefused: (reason: ChatCommandRefusal, userId: string) => void
  /** Redis was away, or is at its limit of channels or opt-outs; nobody tries again but who asked. */
  readonly chatCommandFailed: (error: unknown) => void
}

/** What commands need of the hot store. */
interface CommandStore {
  readonly optOuts: Pick<HotStore['optOuts'], 'redeem' | 'set'>
  readonly names: Pick<HotStore['names'], 'idsOf'>
  readonly registry: Pick<HotStore['registry'], 'add' | 'remove'>
}

export interface ChatCommandsDeps {
  readonly store: () => CommandStore | undefined
  /** Logins, and ids, which stay the same when a login changes hands. */
  readonly admins: ReadonlySet<string>
  /** Called when a command has changed who is logged. Never rejects. */
  readonly changed: () => Promise<void>
  readonly events: ChatCommandEvents
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number
}

/** Does what people ask for in chat, one command after the other. Nobody is answered: we are anonymous. */
export class ChatCommands {
  readonly #deps: ChatCommandsDeps
  #waiting: (() => Promise<void>)[] = []
  #running: Promise<void> | undefined

  constructor(deps: ChatCommandsDeps) {
    this.#deps = deps
  }

  /** Takes a message of live chat; one that is no command costs a look. */
  take(message: ChatMessage): void {
    const command = parseChatCommand(message.text)
    if (command === undefined || message.userId === '') return
    const { events, nowMs } = this.#deps
    if (Math.abs(nowMs() - message.sentAtMs) > AGE_MS_MAX) {
      events.chatCommandRefused('too-old', message.userId)
    } else if (this.#waiting.length >= WAITING_MAX) {
      events.chatCommandRefused('too-many', message.userId)
    } else {
      this.#waiting.push(() => this.#do(command, message))
      this.#running ??= this.#runAll()
    }
  }

  /** Resolves once everything taken so far is done. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #runAll(): Promise<void> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      await next()
    }
    this.#running = undefined
  }

  async #do(command: ChatCommand, message: ChatMessage): Promise<void> {
    const { store, events, changed } = this.#deps
    try {
      const opened = store()
      if (opened === undefined) throw new Error('redis was not reached yet')
      const { userId } = message
      const result =
        'logins' in command
          ? await this.#change(command, message, opened)
          : await this.#optOut(command, message, opened)
      if (typeof result === 'string') {
        events.chatCommandRefused(result, userId)
        return
      }
      const isAdmin = this.#isAdmin(message)
      events.chatCommandDone({ action: command.action, byUserId: userId, isAdmin, ...result })
      await changed()
    } catch (error) {
      events.chatCommandFailed(error)
    }
  }

  /** A code is for who types it; without one only an admin may opt others out. */
  async #optOut(
    { action, kind, argument }: Extract<ChatCommand, { kind: unknown }>,
    message: ChatMessage,
    { optOuts, names }: CommandStore,
  ): Promise<{ readonly optOut: OptOutChange } | ChatCommandRefusal> {
    // The channel of a user has the user's id.
    const own = { kind, id: message.userId, isOut: action === 'optout' }
    if (await optOuts.redeem(argument, own)) return { optOut: own }
    if (!this.#isAdmin(message)) return 'not-allowed'
    const login = toLogin(argument)
    const id = (await names.idsOf([login])).get(login)
    if (id === undefined) return 'unknown-login'
    const optOut = { ...own, id }
    await optOuts.set(optOut)
    return { optOut }
  }

  async #change(
    { action, logins }: Extract<ChatCommand, { logins: unknown }>,
    message: ChatMessage,
    { registry }: CommandStore,
  ): Promise<{ readonly logins: readonly string[] } | ChatCommandRefusal> {
    if (!this.#isAdmin(message)) return 'not-allowed'
    await (action === 'join' ? registry.add(logins) : registry.remove(logins))
    return { logins }
  }

  #isAdmin({ userId, login }: ChatMessage): boolean {
    return this.#deps.admins.has(login) || this.#deps.admins.has(userId)
  }
}
