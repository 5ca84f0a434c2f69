import type { Layout } from './layout.ts'

/**
 * Who sent a line. Twitch's own lines have only a host (`tmi.twitch.tv`); parts that the line does
 * not have are `''`. `raw` is the source as sent, without the colon.
 */
export interface IrcSource {
  readonly nick: string
  readonly user: string
  readonly host: string
  readonly raw: string
}

/** The nick of `nick!user@host` or `nick@host`; `''` where the source is a host alone or absent. */
export function nickOf(line: string, { sourceStart, sourceEnd }: Layout): string {
  const bang = line.indexOf('!', sourceStart)
  if (bang !== -1 && bang < sourceEnd) return line.slice(sourceStart, bang)
  const at = line.indexOf('@', sourceStart)
  return at !== -1 && at < sourceEnd ? line.slice(sourceStart, at) : ''
}

/** The source in its parts, `undefined` where the line has none. */
export function sourceOf(line: string, layout: Layout): IrcSource | undefined {
  const { sourceStart, sourceEnd } = layout
  if (sourceEnd === sourceStart) return undefined
  const raw = line.slice(sourceStart, sourceEnd)
  const nick = nickOf(line, layout)
  const bang = raw.indexOf('!')
  const at = raw.indexOf('@', bang + 1)
  return {
    nick,
    user: bang === -1 ? '' : raw.slice(bang + 1, at === -1 ? raw.length : at),
    host: at === -1 ? (bang === -1 ? raw : '') : raw.slice(at + 1),
    raw,
  }
}
