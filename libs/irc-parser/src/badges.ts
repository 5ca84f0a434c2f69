/** One badge: `version` is `''` where Twitch sends none. In badge-info it is a detail, as the months of a subscriber. */
export interface Badge {
  readonly name: string
  readonly version: string
}

/** Reads the `badges` and `badge-info` tags, `name/version,name/version`, in Twitch's order. Never throws. */
export function parseBadges(value: string): Badge[] {
  if (value === '') return []
  const badges: Badge[] = []
  for (const badge of value.split(',')) {
    const slash = badge.indexOf('/')
    const name = slash === -1 ? badge : badge.slice(0, slash)
    if (name !== '') badges.push({ name, version: slash === -1 ? '' : badge.slice(slash + 1) })
  }
  return badges
}
