import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { table } from '../capacity.ts'
import { ROOT } from '../steps.ts'
import { capacityOf } from './model.ts'
import { loadOf, WHOLE_TWITCH_OPTIONS } from './options.ts'

describe('docs/capacity.md', () => {
  it('shows what the command prints', () => {
    const load = loadOf(WHOLE_TWITCH_OPTIONS)
    const text = readFileSync(join(ROOT, 'docs/capacity.md'), 'utf8')
    expect(text).toContain(table(load, capacityOf(load)))
  })
})
