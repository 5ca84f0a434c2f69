import type { Place } from './place.ts'
import { dayText } from './time.ts'

const VIEW_NAMES = {
  log: '',
  words: 'words',
  coverage: 'coverage',
  admin: 'Admin',
  optout: 'Opting out',
} as const

/** What a tab or bookmark of a place is called. */
export function placeTitle({ view, channel, user, at, words }: Place): string {
  const whose = [
    ...(user === undefined ? [] : [user]),
    ...(channel === undefined ? [] : [`#${channel}`]),
  ].join(' in ')
  const parts = [
    ...(words.length > 0 && view === 'words' ? [words.join(', ')] : []),
    whose,
    VIEW_NAMES[view],
    ...(view === 'log' && at !== undefined ? [dayText(at)] : []),
    'poglog',
  ]
  return parts.filter((part) => part !== '').join(' · ')
}
