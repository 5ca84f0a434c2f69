import { SegmentError } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { StartOvers, TrimmedError } from './start-over.ts'

const gone = new SegmentError('missing', 'k', { detail: 'gone' })
const place = { sentAtMs: 1, key: 'a'.repeat(32) }

describe('StartOvers', () => {
  it('takes a segment that went away as a reason to look again, once', () => {
    const startOvers = new StartOvers()
    expect(startOvers.allows(gone, undefined)).toBe(true)
    expect(startOvers.allows(gone, undefined)).toBe(false)
  })

  it('begins to count anew when the answer has got further', () => {
    const startOvers = new StartOvers()
    expect(startOvers.allows(gone, undefined)).toBe(true)
    expect(startOvers.allows(gone, place)).toBe(true)
    expect(startOvers.allows(gone, place)).toBe(false)
  })

  it('does not follow a trim for ever', () => {
    const startOvers = new StartOvers()
    const allowed = Array.from({ length: 20 }, () =>
      startOvers.allows(new TrimmedError('t'), place),
    )
    expect(allowed.filter(Boolean)).toHaveLength(5)
  })

  it('lets nothing else pass', () => {
    const corrupt = new SegmentError('corrupt', 'k', { detail: 'flipped' })
    expect(new StartOvers().allows(corrupt, undefined)).toBe(false)
    expect(new StartOvers().allows(new Error('bug'), undefined)).toBe(false)
  })
})
