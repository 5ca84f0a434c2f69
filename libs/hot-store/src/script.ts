import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A Lua script: its text and the name Redis caches it by. */
export interface Script {
  readonly lua: string
  readonly sha: string
}

/** Reads `scripts/<name>.lua` once, at import. */
export function loadScript(name: string): Script {
  const lua = readFileSync(new URL(`scripts/${name}.lua`, import.meta.url), 'utf8')
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}
