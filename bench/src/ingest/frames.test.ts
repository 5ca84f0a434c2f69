import { describe, expect, it } from 'vitest'
import { encodeFrame, framesOf } from './frames.ts'

const lines = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `line ${index}`)

describe('framesOf', () => {
  it('leaves out no line, keeps their order, and puts 1 to 9 into a frame', () => {
    const frames = [...framesOf(lines(1000))]
    expect(frames.flat()).toEqual(lines(1000))
    const sizes = new Set(frames.map(({ length }) => length))
    expect(Math.min(...sizes)).toBe(1)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(9)
    expect(sizes.size).toBeGreaterThan(3)
  })
})

describe('encodeFrame', () => {
  it.each([
    ['short', 'hi', [0x81, 4]],
    ['medium', 'é'.repeat(100), [0x81, 126, 0, 202]],
    ['long', 'x'.repeat(1000), [0x81, 126, 3, 234]],
  ])('writes the head of a %s text frame, then the lines with their ends', (_, line, head) => {
    const frame = encodeFrame([line])
    expect([...frame.subarray(0, head.length)]).toEqual(head)
    expect(frame.subarray(head.length).toString()).toBe(`${line}\r\n`)
  })
})
