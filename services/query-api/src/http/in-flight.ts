import type { MiddlewareHandler } from 'hono'
import type { QueryEnv } from '../app-types.ts'
import type { Events } from '../events.ts'
import { Gate } from '../gate.ts'
import { RETRY_LATER } from '../problem.ts'
import { clientAddressOf } from './client-address.ts'
import { isExempt } from './rate-limit.ts'
import { refusal } from './refusal.ts'

/** Live tails do not end, and have a limit of their own. */
const LIVE = /^\/(?:channel|user)\/[^/]+\/live$/

/** What the limit needs. */
export interface InFlightDeps {
  readonly events: Pick<Events, 'clientRefused'>
  /** Answers that one address may be taking at a time, of this process; 0 for any number. */
  readonly perAddress: number
}

/**
 * Turns a client away that is taking many answers already: 429. An answer counts until its last byte is written or its
 * connection is gone, so that slow readers cannot take all places of the service.
 */
export function limitInFlight({ events, perAddress }: InFlightDeps): MiddlewareHandler<QueryEnv> {
  const gates = new Map<string, Gate>()
  const enter = (address: string): (() => void) | undefined => {
    const gate = gates.get(address) ?? new Gate(perAddress)
    const leave = gate.tryEnter()
    if (leave === undefined) return undefined
    gates.set(address, gate)
    return () => {
      leave()
      if (gate.isEmpty) gates.delete(address)
    }
  }
  return async (c, next) => {
    if (perAddress === 0 || isExempt(c) || LIVE.test(c.req.path)) {
      await next()
      return
    }
    const leave = enter(clientAddressOf(c))
    if (leave === undefined) {
      events.clientRefused('in-flight')
      const detail = `${perAddress} answers are on their way to this address already`
      c.res = refusal(c, { status: 429, detail, headers: RETRY_LATER })
      return
    }
    const outgoing = c.env?.outgoing
    if (outgoing !== undefined && !outgoing.closed) outgoing.once('close', leave)
    try {
      await next()
    } finally {
      if (outgoing === undefined || outgoing.closed) leave()
    }
  }
}
