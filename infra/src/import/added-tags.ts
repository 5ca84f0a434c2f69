const ADDED = new Set(['historical', 'rm-received-ts', 'rm-deleted'])

/** A line as it was before recent-messages added its tags, and when it says to have received it. */
export interface WithoutAddedTags {
  readonly raw: string
  /** Milliseconds since the Unix epoch; `undefined` where the line does not say. */
  readonly receivedAtMs: number | undefined
}

/** Whether a line has the tags that recent-messages adds to what Twitch sent. */
export function hasAddedTags(line: string): boolean {
  const at = line.indexOf('rm-received-ts=')
  return at > 0 && line.startsWith('@') && at < line.indexOf(' ')
}

/** Takes the tags off that recent-messages adds: `historical`, `rm-received-ts` and `rm-deleted`. */
export function withoutAddedTags(line: string): WithoutAddedTags {
  const end = line.indexOf(' ')
  if (!line.startsWith('@') || end < 0) return { raw: line, receivedAtMs: undefined }
  let receivedAtMs: number | undefined
  const tags = line.slice(1, end).split(';')
  const sent = tags.filter((tag) => {
    const [name = '', value = ''] = tag.split('=', 2)
    if (name === 'rm-received-ts' && /^\d{1,15}$/.test(value)) receivedAtMs = Number(value)
    return !ADDED.has(name)
  })
  const rest = line.slice(end + 1)
  return { raw: sent.length === 0 ? rest : `@${sent.join(';')} ${rest}`, receivedAtMs }
}
