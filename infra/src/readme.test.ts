import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './steps.ts'

const CONFIGS = [
  'libs/service-kit/src/common-settings.ts',
  'services/ingest/src/config.ts',
  'services/archiver/src/config.ts',
  'services/query-api/src/config.ts',
]

describe('README', () => {
  it('lists every setting of every service', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
    const sources = await Promise.all(CONFIGS.map((path) => readFile(join(ROOT, path), 'utf8')))
    const settings = sources.flatMap((source) =>
      [...source.matchAll(/^\s+([A-Z][A-Z0-9_]+): (?:z|\w+\()/gm)].map(([, name]) => name),
    )
    expect(settings.length).toBeGreaterThan(25)
    expect(settings.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  })
})
