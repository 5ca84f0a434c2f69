import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileUnit } from './file-unit.ts'
import type { Unit } from './unit.ts'

const DAY_MS = 86_400_000
/** justlog names folders by its server's local time: this far from UTC at most. */
const ZONE_MS_MAX = 14 * 3_600_000
const CHANNEL_ID = /^[1-9]\d{0,19}$/
const NUMBER = /^\d{1,4}$/
const CHANNEL_FILE = /^channel\.txt(?:\.gz)?$/
const USER_FILE = /^\d{1,20}\.txt(?:\.gz)?$/

/**
 * The files of a justlog log folder, or of one channel's folder in it, day by day.
 *
 * A channel's day is `<channel id>/<year>/<month>/<day>/channel.txt`, a user's month `<channel id>/<year>/<month>/<user id>.txt`,
 * numbers without leading zeros, and `.gz` behind it when it is older. A channel's file has all that the users' have of the
 * day, so these are read only for days without one.
 *
 * @see https://github.com/gempir/justlog/tree/master/filelog
 */
export async function justlogUnits(folder: string): Promise<Unit[]> {
  const name = basename(folder)
  const years = (await names(folder)).filter((year) => /^\d{4}$/.test(year))
  const units: Unit[] = []
  if (CHANNEL_ID.test(name) && years.length > 0) units.push(...(await channelUnits(folder, name)))
  else {
    for (const channelId of await names(folder)) {
      if (!CHANNEL_ID.test(channelId)) continue
      units.push(...(await channelUnits(join(folder, channelId), channelId)))
    }
  }
  return units.toSorted((left, right) => (left.dayMs ?? 0) - (right.dayMs ?? 0))
}

async function channelUnits(folder: string, channelId: string): Promise<Unit[]> {
  const units: Unit[] = []
  for (const year of await numbers(folder)) {
    for (const month of await numbers(join(folder, String(year)))) {
      if (year < 2007 || month < 1 || month > 12) continue
      units.push(
        ...(await monthUnits(join(folder, String(year), String(month)), {
          channelId,
          year,
          month,
        })),
      )
    }
  }
  return units
}

interface Month {
  readonly channelId: string
  readonly year: number
  readonly month: number
}

async function monthUnits(folder: string, { channelId, year, month }: Month): Promise<Unit[]> {
  const units: Unit[] = []
  const there = new Set<number>()
  for (const day of await numbers(folder)) {
    const inside = join(folder, String(day))
    const file = plainFirst((await names(inside)).filter((name) => CHANNEL_FILE.test(name)))
    if (file === undefined) continue
    there.add(day)
    const dayMs = Date.UTC(year, month - 1, day)
    units.push(await fileUnit(join(inside, file), { channelId, dayMs }))
  }
  const startMs = Date.UTC(year, month - 1, 1)
  const days = (Date.UTC(year, month, 1) - startMs) / DAY_MS
  const missing = new Set<number>()
  for (let day = 1; day <= days; day += 1) if (!there.has(day)) missing.add(day)
  if (missing.size === 0) return units

  const takes = (sentAtMs: number): boolean =>
    [-ZONE_MS_MAX, 0, ZONE_MS_MAX].some((offsetMs) =>
      missing.has(Math.floor((sentAtMs + offsetMs - startMs) / DAY_MS) + 1),
    )
  const variant = `without ${[...there].join(',')}`
  const users = (await names(folder)).filter((name) => USER_FILE.test(name))
  const stems = Map.groupBy(users, (name) => name.replace(/\.gz$/, ''))
  for (const files of stems.values()) {
    const file = plainFirst(files)
    if (file === undefined) continue
    const options = { channelId, dayMs: startMs + days * DAY_MS - 1, takes, variant }
    units.push(await fileUnit(join(folder, file), options))
  }
  return units
}

/** justlog itself reads the plain file where both are there. */
function plainFirst(files: readonly string[]): string | undefined {
  return files.toSorted((left, right) => left.length - right.length)[0]
}

async function numbers(folder: string): Promise<number[]> {
  const found = (await names(folder)).filter((name) => NUMBER.test(name)).map(Number)
  return found.toSorted((left, right) => left - right)
}

/** What lies in a folder; nothing for what is none. */
async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return []
    throw error
  }
}
