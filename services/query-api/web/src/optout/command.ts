/** What can be asked for in chat, by the words of the command. */
export const WISHES = ['optout', 'optout channel', 'optin', 'optin channel'] as const
export type Wish = (typeof WISHES)[number]

/** What each of them means. */
export const WISH_TEXT: Readonly<Record<Wish, string>> = {
  optout: 'Opt me out',
  'optout channel': 'Opt my channel out',
  optin: 'Let me in again',
  'optin channel': 'Let my channel in again',
}

/** What to type in chat. */
export const commandText = (wish: Wish, code: string): string => `!poglog ${wish} ${code}`

/** Seconds that are left until a time, in whole ones; 0 when it is over. */
export const secondsLeft = (endMs: number, nowMs: number): number =>
  Math.max(Math.ceil((endMs - nowMs) / 1000), 0)
