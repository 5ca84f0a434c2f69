import { readdir, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const DIST = new URL('../web/dist/', import.meta.resolve('@poglog/query-api'))

/**
 * How much script the built page has, as browsers get it: all of it, and what the page itself names.
 *
 * @throws Error when the page is not built.
 */
export async function scriptBytes(): Promise<{ readonly all: number; readonly first: number }> {
  const assets = fileURLToPath(new URL('assets/', DIST))
  const names = await readdir(assets).catch((error: unknown) => {
    throw new Error('the page is not built: npm run build', { cause: error })
  })
  const page = await readFile(new URL('index.html', DIST), 'utf8')
  let [all, first] = [0, 0]
  for (const name of names.filter((file) => file.endsWith('.js'))) {
    const { size } = await stat(`${assets}${name}.br`).catch(() => stat(`${assets}${name}`))
    all += size
    if (page.includes(name)) first += size
  }
  return { all, first }
}
