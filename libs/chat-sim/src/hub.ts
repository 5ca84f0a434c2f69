import type { Connection } from './connection.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { LineRoute } from './line-route.ts'
import { Signal } from './signal.ts'

export type Deliverable = Exclude<LineRoute, { to: 'withheld' }>

/** Who is there, who listens to what, and the way of a line to them. */
export class Hub {
  readonly connections = new Map<number, Connection>()
  /** A connection, a channel or room in a buffer has come or gone. */
  readonly changed = new Signal()
  readonly #listeners = new Map<string, Set<Connection>>()
  readonly #faults: FaultPlan

  constructor(faults: FaultPlan) {
    this.#faults = faults
  }

  /** A connection that has ended joins nothing, whatever it still says. */
  join(connection: Connection, channel: string): void {
    if (!this.connections.has(connection.id)) return
    connection.channels.add(channel)
    const listeners = this.#listeners.get(channel)
    if (listeners === undefined) this.#listeners.set(channel, new Set([connection]))
    else listeners.add(connection)
    this.changed.notify()
  }

  part(connection: Connection, channel: string): void {
    connection.channels.delete(channel)
    const listeners = this.#listeners.get(channel)
    listeners?.delete(connection)
    if (listeners?.size === 0) this.#listeners.delete(channel)
    this.changed.notify()
  }

  remove(connection: Connection): void {
    for (const channel of connection.channels) this.part(connection, channel)
    this.connections.delete(connection.id)
    this.changed.notify()
  }

  hasListener(channel: string): boolean {
    return this.#listeners.has(channel)
  }

  listeners(route: Deliverable): Iterable<Connection> {
    if (route.to === 'everyone') return this.loggedIn()
    return this.#listeners.get(route.channel) ?? []
  }

  loggedIn(): Connection[] {
    return [...this.connections.values()].filter(({ nick }) => nick !== '')
  }

  /** Writes a line (as bytes, see wire.ts) to everyone it is for, with the faults that are due. Tells whether there was anyone. */
  deliver(route: Deliverable, line: string): boolean {
    const times = this.#faults.isDuplicate() ? 2 : 1
    const isSplit = this.#faults.isSplit()
    const malformed = this.#faults.isMalformed() ? this.#faults.malformedLine() : undefined
    let isHeard = false
    for (const listener of this.listeners(route)) {
      isHeard = true
      for (let time = 0; time < times; time++) {
        if (isSplit) listener.sendChatSplit(line, route.command)
        else listener.sendChat(line, route.command)
      }
      if (malformed !== undefined) listener.send(malformed)
    }
    return isHeard
  }

  /** Writes lines of the server's own making to everyone who has logged in. */
  broadcast(lines: readonly string[]): void {
    for (const connection of this.loggedIn()) for (const line of lines) connection.send(line)
  }
}
