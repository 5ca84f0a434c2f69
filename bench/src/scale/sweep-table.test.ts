import { describe, expect, it } from 'vitest'
import { sweepTable } from './sweep-table.ts'
import { exampleCurve } from './testing.ts'

describe('sweepTable', () => {
  it('has a line for each point, with what its sweep is about', () => {
    const lines = sweepTable(exampleCurve('replicas', [{ x: 1 }, { x: 2 }])).split('\n')
    expect(lines).toHaveLength(4)
    const [head = '', , first = ''] = lines
    const cells = Object.fromEntries(
      head.split(' | ').map((name, at) => [name, first.split(' | ')[at]]),
    )
    expect(cells).toMatchObject({
      '| replicas of ingest': '| 1',
      'lines a call': '100',
      'ingest, us/line': '30',
      'busiest replica, us/line': '20',
      'its lines, of an even share |': '1.4 |',
    })
  })
})
