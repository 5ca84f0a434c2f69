import { spawnSync } from 'node:child_process'
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const LEFT_OUT: ReadonlySet<string> = new Set(['private', 'scripts', 'devDependencies'])
const LICENSE = join(HERE, '../../LICENSE')

/**
 * Writes the package as npm should get it: plain JavaScript and declarations, since Node strips types
 * nowhere below `node_modules`. Publish with `npm publish FOLDER`.
 *
 * @param folder is emptied first.
 * @throws Error when the compiler finds an error; the folder is then not complete.
 */
export async function packInto(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  compile(folder)
  await fixDeclarations(folder)
  await writeFile(join(folder, 'package.json'), await manifest())
  await cp(join(HERE, 'README.md'), join(folder, 'README.md'))
  await cp(LICENSE, join(folder, 'LICENSE'))
}

function compile(folder: string): void {
  const require = createRequire(import.meta.url)
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  const options = [
    '--target',
    'es2022',
    '--lib',
    'es2023',
    '--module',
    'nodenext',
    '--types',
    '',
    '--strict',
    '--skipLibCheck',
    '--declaration',
    '--rewriteRelativeImportExtensions',
    '--ignoreConfig',
    '--rootDir',
    join(HERE, 'src'),
    '--outDir',
    folder,
  ]
  const entry = join(HERE, 'src/index.ts')
  const { status, stdout } = spawnSync(process.execPath, [compiler, ...options, entry], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the compiler found errors:\n${stdout}`)
}

/** Declarations keep the `.ts` of their imports, of which there is no file in the package. */
async function fixDeclarations(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.d.ts')) continue
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replaceAll(/(from '\.\/[^']+)\.ts'/g, "$1.js'"))
  }
}

/** The repository's manifest without what only the repository needs. */
async function manifest(): Promise<string> {
  const source: unknown = JSON.parse(await readFile(join(HERE, 'package.json'), 'utf8'))
  if (typeof source !== 'object' || source === null) throw new Error('package.json is no object')
  const kept = Object.entries(source).filter(([name]) => !LEFT_OUT.has(name))
  const fields = {
    ...Object.fromEntries(kept),
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    types: './index.d.ts',
    sideEffects: false,
    engines: { node: '>=20' },
  }
  return `${JSON.stringify(fields, null, 2)}\n`
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) throw new Error('usage: node pack.ts FOLDER')
  await packInto(folder)
}
