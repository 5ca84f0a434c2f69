import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { MiddlewareHandler } from 'hono'
import type { QueryContext, QueryEnv } from '../app-types.ts'

/** Whose address is not known: a Unix socket, or no socket at all. All of them count as one client. */
const NOBODY = 'unknown'
/** What a provider gives one customer: an address in it costs them nothing. */
const IPV6_CLIENT_BITS = 64

/**
 * Finds out who asks, for {@link clientAddressOf}.
 *
 * @param trustedProxyHops how many proxies of our own stand before the service. Each adds the address it was asked from
 *   to the right of `X-Forwarded-For`, so that the client's is the one at that place from the right; what lies further
 *   left is the client's own text. With 0 the header is not used.
 * @param onIgnored called once, with the first header that is not used: behind a proxy all clients are one then, with one
 *   limit for all of them.
 */
export function clientAddress(
  trustedProxyHops: number,
  onIgnored: () => void = () => undefined,
): MiddlewareHandler<QueryEnv> {
  let isTold = false
  return async (c, next) => {
    const forwarded = c.req.header('x-forwarded-for')
    if (trustedProxyHops === 0 && forwarded !== undefined && !isTold) {
      isTold = true
      onIgnored()
    }
    const fromProxy =
      trustedProxyHops === 0 ? undefined : forwarded?.split(',').at(-trustedProxyHops)
    const address =
      normalAddress(fromProxy) ?? normalAddress(c.env?.incoming?.socket.remoteAddress) ?? NOBODY
    c.set('clientAddress', address)
    await next()
  }
}

/**
 * What tells one client from another in limits: an IPv4 address, the first 64 bits of an IPv6 address, or `unknown`.
 * Printable and short, fit to be part of a key.
 */
export function clientAddressOf(c: QueryContext): string {
  return c.get('clientAddress')
}

/** @returns `undefined` for what is no address. A port behind it, as some proxies write it, is left out. */
export function normalAddress(text: string | undefined): string | undefined {
  const bare = withoutPort(text?.trim() ?? '')
  // Only the four usual numbers: ipaddr.js would take `1` and `0x7f.1` too.
  if (!isIPv6(bare) && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return undefined
  const address = ipaddr.process(bare)
  if (address instanceof ipaddr.IPv4) return address.toString()
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${withoutZone(address)}/${IPV6_CLIENT_BITS}`)
  return `${network.toString()}/${IPV6_CLIENT_BITS}`
}

function withoutPort(text: string): string {
  return (
    /^\[(?<host>[^\]]*)\](?::\d{1,5})?$|^(?<host>[\d.]+):\d{1,5}$/.exec(text)?.groups?.['host'] ??
    text
  )
}

function withoutZone(address: ipaddr.IPv6): string {
  return address.toNormalizedString().split('%')[0] ?? ''
}
