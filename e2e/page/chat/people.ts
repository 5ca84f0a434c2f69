/** A channel or somebody who writes. */
export interface Who {
  readonly login: string
  readonly id: string
  readonly displayName: string
  /** As Twitch sends it: `#RRGGBB`, or nothing for who never chose one. */
  readonly color: string
  /** The `badges` tag. */
  readonly badges: string
}

/** The busy channel, a quieter one, and one where little is said. */
export const BAY = channel('lanternbay', '820001', 'LanternBay')
export const MOSS = channel('mossgarden', '820002', 'MossGarden')
export const POOL = channel('tidepool', '820003', 'TidePool')
export const CHANNELS = [BAY, MOSS, POOL] as const
/** Opts out while others are read: no other test may know it. */
export const HOLLOW = channel('foghollow', '820004', 'FogHollow')

/** A moderator whose blue cannot be read on a dark ground. */
export const MIRA = person('mira_k', {
  displayName: 'Mira_K',
  color: '#0000FF',
  badges: 'moderator/1,subscriber/12',
})
/** His yellow cannot be read on a light ground. */
export const OTTO = person('otto_77', {
  displayName: 'Otto_77',
  color: '#FFFF00',
  badges: 'vip/1',
})
/** A name in another script than the login, in black. */
export const KIRI = person('kiri_sora', {
  displayName: 'キリ空',
  color: '#000000',
  badges: 'subscriber/3',
})
/** White. */
export const NOOR = person('noor_x', { displayName: 'noor_x', color: '#FFFFFF' })
/** Never chose a colour. */
export const BENJI = person('benji', { displayName: 'Benji' })
/** Says what moderators do not like. */
export const GRUMP = person('grumpyheron', { displayName: 'GrumpyHeron', color: '#8A2BE2' })
/** Speaks once, and is banned for it. */
export const SPAMMER = person('freefollows99', { displayName: 'freefollows99' })

const FIRST = 'amber brisk cedar dusty ember fuzzy gentle hazel icy jolly'.split(' ')
const SECOND = 'otter lynx raven badger'.split(' ')
const COLORS = '#FF0000 #1E90FF #008000 #B22222 #FF7F50 #9ACD32 #FF4500 #2E8B57 #5F9EA0'.split(' ')
const BADGES = ['', '', '', 'subscriber/6', 'subscriber/24,premium/1', 'premium/1']

/** Everybody else. */
export const CROWD: readonly Who[] = FIRST.flatMap((first, row) =>
  SECOND.map((second, column) =>
    person(`${first}${second}`, {
      displayName: `${capital(first)}${capital(second)}`,
      color: COLORS[(row * SECOND.length + column) % COLORS.length] ?? '',
      badges: BADGES[(row + column) % BADGES.length] ?? '',
    }),
  ),
)

function channel(login: string, id: string, displayName: string): Who {
  return { login, id, displayName, color: '#FF69B4', badges: 'broadcaster/1' }
}

function person(
  login: string,
  { displayName, color = '', badges = '' }: Partial<Who> & Pick<Who, 'displayName'>,
): Who {
  return { login, id: idOf(login), displayName, color, badges }
}

/** Letters of the login as digits: the same whenever it is made. */
function idOf(login: string): string {
  const sum = Buffer.from(login).reduce((hash, byte) => (hash * 31 + byte) % 9e8, 7)
  return String(1e8 + sum)
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
