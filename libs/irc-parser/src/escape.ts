/**
 * Turns a tag's value as it stands on the wire into the text it means.
 *
 * An unknown escape loses its backslash and keeps its character; a lone backslash at the end is
 * dropped. Never throws.
 *
 * @see https://ircv3.net/specs/extensions/message-tags#escaping-values
 */
export function unescapeTagValue(value: string): string {
  let backslash = value.indexOf('\\')
  if (backslash === -1) return value
  let text = value.slice(0, backslash)
  for (;;) {
    text += meaningOf(value.charAt(backslash + 1))
    const after = backslash + 2
    backslash = value.indexOf('\\', after)
    if (backslash === -1) return text + value.slice(after)
    text += value.slice(after, backslash)
  }
}

/**
 * Writes a text so that it can stand as a tag's value on the wire.
 *
 * `unescapeTagValue(escapeTagValue(text)) === text` for every string.
 */
export function escapeTagValue(text: string): string {
  if (!/[; \\\r\n]/.test(text)) return text
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(';', '\\:')
    .replaceAll(' ', '\\s')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
}

function meaningOf(escape: string): string {
  switch (escape) {
    case ':':
      return ';'
    case 's':
      return ' '
    case 'r':
      return '\r'
    case 'n':
      return '\n'
    default:
      return escape
  }
}
