import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A Lua script: its name, its text, and the hash Redis caches it by. */
export interface Script {
  readonly name: string
  readonly lua: string
  readonly sha: string
}

/** A line of a script that stands for the text of another file. */
const INCLUDE = /^-- include ([\w-]+)$/gm

/** Reads `scripts/<name>.lua` once, at import, with what it includes. */
export function loadScript(name: string): Script {
  const lua = read(name).replace(INCLUDE, (_line, included: string) => read(included))
  return { name, lua, sha: createHash('sha1').update(lua).digest('hex') }
}

const read = (name: string): string =>
  readFileSync(new URL(`scripts/${name}.lua`, import.meta.url), 'utf8')
