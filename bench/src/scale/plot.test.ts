import { describe, expect, it } from 'vitest'
import { drawCurves } from './plot.ts'
import { exampleCurve } from './testing.ts'

describe('drawCurves', () => {
  it('draws a panel for each curve, with its axes and a legend', async () => {
    const svg = await drawCurves([
      exampleCurve('rate', [{ x: 250 }, { x: 500, verdict: 'saturated' }]),
      exampleCurve('nodes', [{ x: 1 }, { x: 2 }]),
    ])
    expect(svg).toMatch(/^<svg /)
    for (const text of ['lines/s offered', 'primaries of a Redis cluster', 'us a line', 'archiver'])
      expect(svg).toContain(`>${text}</text>`)
    const marks = svg.match(/<path aria-label="[^"]*" role="graphics-symbol"/g) ?? []
    expect(marks.length).toBeGreaterThanOrEqual(4 * 2 + 5 * 2)
  })
})
