/** The tags of a line as chat clients read them: a tag without a value and one with an empty one are the same. */
export function tagsOf(line: string): ReadonlyMap<string, string> {
  if (!line.startsWith('@')) return new Map()
  const tags = line.slice(1, line.indexOf(' ')).split(';')
  return new Map(
    tags.map((tag) => {
      const equals = tag.indexOf('=')
      return equals < 0 ? [tag, ''] : [tag.slice(0, equals), tag.slice(equals + 1)]
    }),
  )
}

/** A line as it was before a recent-messages service added its tags. */
export function withoutAddedTags(line: string): string {
  const end = line.indexOf(' ')
  if (!line.startsWith('@')) return line
  const kept = line
    .slice(1, end)
    .split(';')
    .filter((tag) => !/^(?:historical|rm-received-ts|rm-deleted)(?:=|$)/.test(tag))
  return kept.length === 0 ? line.slice(end + 1) : `@${kept.join(';')}${line.slice(end)}`
}
