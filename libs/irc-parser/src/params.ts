import { COLON, HASH, partEnd, skipSpaces } from './layout.ts'
import type { Layout } from './layout.ts'

/** Every parameter in order, the trailing one without its colon. */
export function paramsOf(line: string, { paramsStart, end }: Layout): string[] {
  const params: string[] = []
  let at = paramsStart
  while (at < end) {
    if (line.charCodeAt(at) === COLON) {
      params.push(line.slice(at + 1, end))
      return params
    }
    const next = partEnd(line, at, end)
    params.push(line.slice(at, next))
    at = skipSpaces(line, next)
  }
  return params
}

/** The first parameter without its `#` where it has one, else `''`. */
export function channelOf(line: string, { paramsStart, end }: Layout): string {
  if (line.charCodeAt(paramsStart) === HASH) {
    return line.slice(paramsStart + 1, partEnd(line, paramsStart, end))
  }
  const isTrailing = line.charCodeAt(paramsStart) === COLON
  return isTrailing && line.charCodeAt(paramsStart + 1) === HASH
    ? line.slice(paramsStart + 2, end)
    : ''
}

/** The last parameter of two or more. */
export function textOf(line: string, layout: Layout): string | undefined {
  const { paramsStart, end } = layout
  if (paramsStart >= end || line.charCodeAt(paramsStart) === COLON) return undefined
  const second = skipSpaces(line, partEnd(line, paramsStart, end))
  if (line.charCodeAt(second) === COLON) return line.slice(second + 1, end)
  const params = paramsOf(line, layout)
  return params.length < 2 ? undefined : params.at(-1)
}
