import { Hono } from 'hono'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { QueryEnv } from '../app-types.ts'
import { clientAddress, clientAddressOf, normalAddress } from './client-address.ts'

const SOCKET = '192.0.2.1'

/** Who a request is taken to be of, by a service behind so many proxies. */
async function addressOf(
  hops: number,
  forwarded: string | undefined,
  remoteAddress: string | undefined = SOCKET,
): Promise<string> {
  const app = new Hono<QueryEnv>()
    .use(clientAddress(hops))
    .get('/', (c) => c.text(clientAddressOf(c)))
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  // Only the address of the socket is looked at.
  const env = { incoming: { socket: { remoteAddress } } }
  return await (await app.request('/', { headers }, env)).text()
}

describe('the address of a client', () => {
  it.each([
    [0, '203.0.113.9', SOCKET],
    [1, undefined, SOCKET],
    [1, '203.0.113.9', '203.0.113.9'],
    [1, '10.0.0.1, 203.0.113.9', '203.0.113.9'],
    [2, '10.0.0.1, 203.0.113.9,198.51.100.2', '203.0.113.9'],
    [1, '203.0.113.9:51234', '203.0.113.9'],
    [1, '[2001:db8:1:2:3:4:5:6]:443', '2001:db8:1:2::/64'],
    [1, '::ffff:203.0.113.9', '203.0.113.9'],
    // A proxy that was passed by, or wrote nothing of use: the socket's address is the safe one.
    [3, '10.0.0.1, 203.0.113.9', SOCKET],
    [1, '203.0.113.9, unknown', SOCKET],
    [1, '203.0.113.9,', SOCKET],
    [1, '1', SOCKET],
    [1, '0x7f.1', SOCKET],
    [1, '256.1.1.1', SOCKET],
  ])('behind %i proxies with X-Forwarded-For %s is %s', async (hops, forwarded, expected) => {
    expect(await addressOf(hops, forwarded)).toBe(expected)
  })

  it('is one for all of an IPv6 network of 64 bits', () => {
    const first = normalAddress('2001:db8:1:2::1')
    expect(first).toBe('2001:db8:1:2::/64')
    expect(normalAddress('2001:DB8:1:2:ffff:ffff:ffff:ffff')).toBe(first)
    expect(normalAddress('2001:db8:1:3::1')).not.toBe(first)
    expect(normalAddress('fe80::1%eth0')).toBe('fe80::/64')
  })

  it('is unknown without a socket', async () => {
    const app = new Hono<QueryEnv>()
      .use(clientAddress(0))
      .get('/', (c) => c.text(clientAddressOf(c)))
    expect(await (await app.request('/')).text()).toBe('unknown')
  })

  it('is what the trusted proxies say, whatever a client writes before it (S1)', async () => {
    const token = fc.oneof(
      fc.constantFrom('unknown', '127.0.0.1', '::1', '_hidden', '"[::1]"', '', '%00', '__proto__'),
      fc.stringMatching(/^[ -~]{0,40}$/),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 5 }), async (own) => {
        expect(await addressOf(1, [...own, '203.0.113.9'].join(', '))).toBe('203.0.113.9')
      }),
      { numRuns: 100 },
    )
  })

  it('is never more than an address (S1)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.ipV4Extended()), (text) => {
        expect(normalAddress(text) ?? '0').toMatch(/^[\da-f.:/]{1,43}$/)
      }),
    )
  })

  it('tells once that a header is not used', async () => {
    const told: string[] = []
    const app = new Hono<QueryEnv>()
      .use(clientAddress(0, () => told.push('ignored')))
      .get('/', (c) => c.text(''))
    await app.request('/')
    expect(told).toEqual([])
    const headers = { 'x-forwarded-for': '203.0.113.9' }
    for (let request = 0; request < 3; request += 1) await app.request('/', { headers })
    expect(told).toEqual(['ignored'])
    const trusting = new Hono<QueryEnv>()
      .use(clientAddress(1, () => told.push('used')))
      .get('/', (c) => c.text(''))
    await trusting.request('/', { headers })
    expect(told).toEqual(['ignored'])
  })
})
