import { readFile } from 'node:fs/promises'
import { SegmentError } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { exitCodeOf } from './exit-code.ts'
import { Problem } from './problem.ts'

describe('exitCodeOf', () => {
  it('knows what the user can mend', async () => {
    const moved = new Error('the snapshot has moved on')
    moved.name = 'MovedError'
    const ofDisk: unknown = await readFile(import.meta.dirname).catch((error: unknown) => error)
    const segment = new SegmentError('corrupt', 'key', { detail: 'flipped' })
    for (const error of [moved, ofDisk, segment]) expect(exitCodeOf(error)).toBe(1)
    expect(exitCodeOf(new Problem('stopped', { exitCode: 130 }))).toBe(130)
  })

  it('leaves mistakes of ours their stack', () => {
    expect(exitCodeOf(new TypeError('x is undefined'))).toBeUndefined()
    expect(exitCodeOf('text')).toBeUndefined()
  })
})
