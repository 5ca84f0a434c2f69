import { describe, expect, it } from 'vitest'
import { atLeast, atMost } from './bench.ts'
import { renderMarkdown, renderTable } from './table.ts'

describe('renderTable', () => {
  it('sets numbers to the right and says what was reached', () => {
    const rows = [
      { name: 'plain', value: 0.123456, unit: 'us' },
      atLeast(10, { name: 'times', value: 12, unit: 'x' }),
      atMost(100, { name: 'first byte', value: 1234.5, unit: 'ms' }),
    ]
    expect(renderTable(rows).split('\n')).toEqual([
      '            value  unit  target',
      'plain       0.123  us',
      'times          12  x         10  reached',
      'first byte   1235  ms       100  missed',
    ])
  })
})

describe('renderMarkdown', () => {
  it('is a table of Markdown', () => {
    const rows = [
      ['1', '2'],
      ['3', '4'],
    ]
    expect(renderMarkdown(['a', 'b'], rows)).toBe('| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |')
  })
})

describe('a target', () => {
  it('is reached when it is met', () => {
    expect(atLeast(3, { name: 'a', value: 3, unit: 'x' }).reached).toBe(true)
    expect(atLeast(3, { name: 'a', value: 2.99, unit: 'x' }).reached).toBe(false)
    expect(atMost(3, { name: 'a', value: 3, unit: 'x' }).reached).toBe(true)
    expect(atMost(3, { name: 'a', value: 3.01, unit: 'x' }).reached).toBe(false)
  })
})
