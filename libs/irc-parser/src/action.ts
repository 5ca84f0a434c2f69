const ACTION_START = '\u0001ACTION '
const ACTION_END = '\u0001'

/** A text without its ACTION wrapper, and whether it had one. Some clients leave out the end. */
export function unwrapAction(text: string): { readonly text: string; readonly isAction: boolean } {
  if (!text.startsWith(ACTION_START)) return { text, isAction: false }
  const end = text.endsWith(ACTION_END) ? -ACTION_END.length : text.length
  return { text: text.slice(ACTION_START.length, end), isAction: true }
}
