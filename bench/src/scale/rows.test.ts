import { MEASURED } from '@poglog/infra/capacity/facts'
import { describe, expect, it } from 'vitest'
import { rowsOf } from './rows.ts'
import { exampleCurve, exampleRun } from './testing.ts'

const cpuMs = { ...exampleRun().cpuMs, ingest: [150, 90], redis: [80, 40] }
const CURVES = [
  exampleCurve('rate', [
    { x: 250, run: exampleRun({ perSecond: 250, cpuMs: { ...cpuMs, ingest: [2000] } }) },
    { x: 2000, setting: { channels: 1000, shards: 1, replicas: 1 } },
    { x: 4000, run: exampleRun({ perSecond: 4000, cpuMs }) },
    {
      x: 8000,
      verdict: 'saturated',
      run: exampleRun({ perSecond: 8000, cpuMs: { ...cpuMs, redis: [1] } }),
    },
  ]),
]

describe('rowsOf', () => {
  it('goes from the first point to the last one that kept up', () => {
    const name = '250 to 4,000 lines/s offered: cost of a line, ingest'
    expect(valueOf(name)).toBeCloseTo(24 / 200)
  })

  it('has costs of points that have work and keep up, beside those of the capacity model', () => {
    expect(valueOf('a line, ingest: least')).toBeCloseTo(24)
    expect(valueOf('a line, ingest: most')).toBeCloseTo(30)
    expect(valueOf('a line, Redis, storing: least')).toBeCloseTo(12)
    expect(valueOf('a core, Redis, storing: at least')).toBeCloseTo(1e6 / 20)
    expect(valueOf('a line, ingest: as the capacity model has it')).toBe(
      MEASURED.ingestMicrosPerLine,
    )
  })

  it('says how many cores whole Twitch takes: lines are received twice, and sealed once', () => {
    const peak = 'whole Twitch at its peak'
    expect(valueOf(`${peak}: received`)).toBe(12_000)
    // Of 30 us at 2,000 lines/s each of 20 ms a second at rest takes 10.
    expect(valueOf(`${peak}: ingest at rest, 28 replicas`)).toBeCloseTo(28 * 0.02)
    expect(valueOf(`${peak}: ingest, at the most`)).toBeCloseTo(28 * 0.02 + 12_000 * 20e-6)
    expect(valueOf(`${peak}: Redis, at the most`)).toBeCloseTo(12_000 * 20e-6 + 6000 * 5e-6)
    expect(valueOf(`${peak}: archiver, sealing, at the least cost`)).toBeCloseTo(6000 * 40e-6)
  })

  it('has nothing lost as a target', () => {
    expect(lost([9990], 9990).map(({ reached }) => reached)).toEqual([true, true])
    expect(lost([9980], 9970).map(({ value, reached }) => [value, reached])).toEqual([
      [10, false],
      [10, false],
    ])
  })
})

function valueOf(name: string): number | undefined {
  return rowsOf(CURVES).find((row) => row.name === name)?.value
}

/** The rows of records that are lost, where one of two runs has so many. */
function lost(storedBy: readonly number[], sealed: number) {
  const points = [{}, { run: exampleRun({ storedBy, sealed }) }]
  return rowsOf([exampleCurve('nodes', points)]).slice(0, 2)
}
