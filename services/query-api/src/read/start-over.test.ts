import { SegmentError } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { StartOvers, TrimmedError } from './start-over.ts'

const gone = new SegmentError('missing', 'k', { detail: 'gone' })
const place = { sentAtMs: 1, key: 'a'.repeat(32) }

describe('StartOvers', () => {
  it('takes a segment that went away as a reason to look again, once', async () => {
    const startOvers = new StartOvers()
    expect(await startOvers.allows(gone, undefined)).toBe(true)
    expect(await startOvers.allows(gone, undefined)).toBe(false)
  })

  it('begins to count anew when the answer has got further', async () => {
    const startOvers = new StartOvers()
    expect(await startOvers.allows(gone, undefined)).toBe(true)
    expect(await startOvers.allows(gone, place)).toBe(true)
    expect(await startOvers.allows(gone, place)).toBe(false)
  })

  it('does not follow a trim for ever, and gives the log some time to come to rest', async () => {
    const startOvers = new StartOvers()
    const beganMs = performance.now()
    let allowed = 0
    while (await startOvers.allows(new TrimmedError('t'), place)) allowed += 1
    expect(allowed).toBe(5)
    // Timers may be a millisecond early.
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(4 * 19)
  })

  it('does not wait for whoever has left', async () => {
    const leaving = new AbortController()
    const startOvers = new StartOvers(leaving.signal)
    expect(await startOvers.allows(new TrimmedError('t'), place)).toBe(true)
    const waiting = startOvers.allows(new TrimmedError('t'), place)
    leaving.abort(new Error('the client has left'))
    await expect(waiting).rejects.toThrow('the client has left')
  })

  it('lets nothing else pass', async () => {
    const corrupt = new SegmentError('corrupt', 'k', { detail: 'flipped' })
    expect(await new StartOvers().allows(corrupt, undefined)).toBe(false)
    expect(await new StartOvers().allows(new Error('bug'), undefined)).toBe(false)
  })
})
