import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const DIST = join(import.meta.dirname, '../../services/query-api/web/dist')
const SCRIPT_BYTES_MAX = 150_000
/** What a reader waits for: the script that the page itself names. */
const FIRST_BYTES_MAX = 100_000

/** The files of this build; those of an earlier one may lie beside them. */
const manifest = z.record(z.string(), z.object({ file: z.string() }))

describe('the script of the page', () => {
  it('is small: all of it, and less than that before something is shown', async () => {
    const built = manifest.parse(JSON.parse(await readFile(join(DIST, 'manifest.json'), 'utf8')))
    const files = new Set(Object.values(built).map(({ file }) => file))
    const scripts = [...files].filter((name) => name.endsWith('.js'))
    const sizes = new Map<string, number>()
    for (const name of scripts) sizes.set(name, await compressedBytes(join(DIST, name)))
    const page = await readFile(join(DIST, 'index.html'), 'utf8')
    const first = scripts.filter((name) => page.includes(name))
    expect(first.length).toBeGreaterThan(0)
    expect(sum(sizes.values())).toBeLessThan(SCRIPT_BYTES_MAX)
    expect(sum(first.map((name) => sizes.get(name) ?? 0))).toBeLessThan(FIRST_BYTES_MAX)
  })
})

/** As browsers get it; a file too small to compress goes as it is. */
async function compressedBytes(path: string): Promise<number> {
  const { size } = await stat(`${path}.br`).catch(() => stat(path))
  return size
}

function sum(sizes: Iterable<number>): number {
  return Iterator.from(sizes).reduce((all, size) => all + size, 0)
}
