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
  const bang = offsetIn(line.indexOf('!', sourceStart), sourceEnd)
  const at = offsetIn(line.indexOf('@', bang === -1 ? sourceStart : bang), sourceEnd)
  const hostStart = at === -1 ? sourceEnd : at + 1
  if (bang === -1) {
    return at === -1
      ? { nick: '', user: '', host: raw, raw }
      : { nick: line.slice(sourceStart, at), user: '', host: line.slice(hostStart, sourceEnd), raw }
  }
  return {
    nick: line.slice(sourceStart, bang),
    user: line.slice(bang + 1, at === -1 ? sourceEnd : at),
    host: line.slice(hostStart, sourceEnd),
    raw,
  }
}

function offsetIn(offset: number, end: number): number {
  return offset < end ? offset : -1
}
