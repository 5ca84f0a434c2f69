import { layoutOf } from './layout.ts'
import type { Layout } from './layout.ts'
import { paramsOf } from './params.ts'
import { sourceOf } from './source.ts'
import type { IrcSource } from './source.ts'
import { tagsOf } from './tags.ts'

/** One IRC line in its parts, whatever its command means. */
export interface IrcLine {
  /** The command as it was sent, case kept. */
  readonly verb: string
  /** Who sent it; `undefined` where the line does not say. */
  readonly source: IrcSource | undefined
  /** Every tag, unescaped, also those that have a field of their own. */
  readonly tags: ReadonlyMap<string, string>
  /** Every parameter, the trailing one without its colon. */
  readonly params: readonly string[]
  /** The line without trailing CR and LF. */
  readonly raw: string
}

/**
 * Reads one line, with or without its CR LF, into its parts. Never throws.
 *
 * @returns `undefined` for exactly those lines for which `parseRouting` returns it.
 * @see https://modern.ircdocs.horse/#message-format
 */
export function parseLine(line: string): IrcLine | undefined {
  const layout = layoutOf(line)
  return layout === undefined ? undefined : lineOf(line, layout)
}

export function lineOf(line: string, layout: Layout): IrcLine {
  const { verb, end } = layout
  return {
    verb,
    source: sourceOf(line, layout),
    tags: tagsOf(line, layout.tagsEnd),
    params: paramsOf(line, layout),
    raw: end === line.length ? line : line.slice(0, end),
  }
}
