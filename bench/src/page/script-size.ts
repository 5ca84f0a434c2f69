import { readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const DIST = new URL('../web/dist/', import.meta.resolve('@poglog/query-api'))

const manifest = z.record(z.string(), z.object({ file: z.string() }))

/**
 * How much script the built page has, as browsers get it: all of it, and what the page itself names.
 *
 * @throws Error when the page is not built.
 */
export async function scriptBytes(): Promise<{ readonly all: number; readonly first: number }> {
  const text = await readFile(new URL('manifest.json', DIST), 'utf8').catch((error: unknown) => {
    throw new Error('the page is not built: npm run build', { cause: error })
  })
  const names = new Set(Object.values(manifest.parse(JSON.parse(text))).map(({ file }) => file))
  const page = await readFile(new URL('index.html', DIST), 'utf8')
  let [all, first] = [0, 0]
  for (const name of names) {
    if (!name.endsWith('.js')) continue
    const path = fileURLToPath(new URL(name, DIST))
    const { size } = await stat(`${path}.br`).catch(() => stat(path))
    all += size
    if (page.includes(name)) first += size
  }
  return { all, first }
}
