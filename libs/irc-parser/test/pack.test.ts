import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packInto } from '../pack.ts'

/** A project that has the package among its `node_modules`. */
let project = ''

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'irc-parser-pack-'))
  await packInto(join(project, 'node_modules/@poglog/irc-parser'))
})

afterAll(async () => {
  await rm(project, { recursive: true })
})

describe('the packed package', () => {
  it('runs from node_modules, where Node strips no types', async () => {
    const script = `import * as parser from '@poglog/irc-parser'
      const { command, text } = parser.parseMessage('@id=1 :a!a@a PRIVMSG #b :\\u0001ACTION hi\\u0001')
      console.log(JSON.stringify([command, text, Object.keys(parser).length]))`
    await writeFile(join(project, 'use.mjs'), script)
    const { stdout, stderr } = run('use.mjs')
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(['PRIVMSG', 'hi', 11])
  })

  it('has declarations that a strict project compiles against', async () => {
    await mkdir(join(project, 'src'), { recursive: true })
    const source = `import { parseMessage } from '@poglog/irc-parser'
      const message = parseMessage('PING')
      if (message?.command === 'PRIVMSG') message.badges.map(({ name }) => name.length)
      // @ts-expect-error a RECONNECT has no badges
      if (message?.command === 'RECONNECT') message.badges
      export const raw: string | undefined = message?.raw`
    await writeFile(join(project, 'src/use.mts'), source)
    const require = createRequire(import.meta.url)
    const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
    const options = [
      '--strict',
      '--noEmit',
      '--module',
      'nodenext',
      '--types',
      '',
      '--ignoreConfig',
    ]
    const { status, stdout } = run(compiler, ...options, 'src/use.mts')
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  it('holds nothing but what it needs', async () => {
    const folder = join(project, 'node_modules/@poglog/irc-parser')
    const names = await readdir(folder)
    expect(names).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'index.d.ts', 'index.js']),
    )
    expect(names.filter((name) => name.includes('test'))).toEqual([])
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ name: '@poglog/irc-parser', engines: { node: '>=20' } })
    expect(manifest).not.toHaveProperty('dependencies')
    expect(manifest).not.toHaveProperty('private')
  })
})

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' })
}
