/** Who chose no colour is shown in one of these by Twitch's clients, the same one each time. */
const DEFAULT_COLORS = [
  '#FF0000',
  '#0000FF',
  '#008000',
  '#B22222',
  '#FF7F50',
  '#9ACD32',
  '#FF4500',
  '#2E8B57',
  '#DAA520',
  '#D2691E',
  '#5F9EA0',
  '#1E90FF',
  '#FF69B4',
  '#8A2BE2',
  '#00FF7F',
] as const

/** A user's colour; by the login where none was chosen. The style sheet keeps it readable on the ground. */
export function nameColor(color: string | undefined, login: string): string {
  if (color !== undefined) return color
  const first = login.codePointAt(0) ?? 0
  const last = login.codePointAt(login.length - 1) ?? 0
  return DEFAULT_COLORS[(first + last) % DEFAULT_COLORS.length] ?? DEFAULT_COLORS[0]
}
