import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../place/time.ts'
import { fillSeries } from './series.ts'

const DAY = Date.parse('2026-11-21')
const sparse = (label: string, ...counts: [number, number][]) => ({
  label,
  counts: new Map(counts),
})

describe('counts over time', () => {
  it('have a zero where nothing was said', () => {
    const pog = sparse('Pog', [DAY, 3], [DAY + 2 * DAY_MS, 5])
    const kek = sparse('KEKW', [DAY + DAY_MS, 1])
    const span = { by: 'day', fromMs: DAY, toMs: DAY + 3 * DAY_MS } as const
    expect(fillSeries([pog, kek], span)).toEqual({
      by: 'day',
      startsMs: [DAY, DAY + DAY_MS, DAY + 2 * DAY_MS],
      lines: [
        { label: 'Pog', counts: [3, 0, 5] },
        { label: 'KEKW', counts: [0, 1, 0] },
      ],
    })
  })

  it('hold the periods that a range begins and ends within', () => {
    const span = { by: 'hour', fromMs: DAY + 1, toMs: DAY + 2 * HOUR_MS + 1 } as const
    expect(fillSeries([sparse('x', [DAY, 4])], span)).toMatchObject({
      startsMs: [DAY, DAY + HOUR_MS, DAY + 2 * HOUR_MS],
      lines: [{ counts: [4, 0, 0] }],
    })
  })

  it('begin with the first count where the range begins long before it', () => {
    const span = { by: 'day', fromMs: 0, toMs: DAY + DAY_MS } as const
    expect(fillSeries([sparse('x', [DAY - DAY_MS, 4])], span).startsMs).toEqual([DAY - DAY_MS, DAY])
  })

  it('are one period where nothing was ever said', () => {
    const span = { by: 'day', fromMs: 0, toMs: DAY + 1 } as const
    expect(fillSeries([], span).startsMs).toEqual([DAY])
  })
})
