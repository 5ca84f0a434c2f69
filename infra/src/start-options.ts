import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Problem } from './problem.ts'
import type { Mode } from './data-folder.ts'

export interface StartOptions {
  readonly channels?: string | undefined
  readonly replay?: string | undefined
  readonly rate: string
  readonly port: string
  readonly host: string
  /** Without it: `./data`, and `./data-demo` for the demo. */
  readonly data?: string | undefined
  readonly replicas: string
}

/** The options of `poglog start`, checked. `rate` is lines a second. */
export interface StartPlan {
  readonly mode: Mode
  readonly channels: readonly string[]
  readonly replayFile: string | undefined
  readonly rate: number | 'max'
  readonly port: number
  readonly host: string
  readonly replicas: number
}

/** The channels of the demo, busiest first; the README's first query asks for the first. */
export const DEMO_CHANNELS = ['pogfox', 'quietowl', 'speedcrab', 'tinytuba', 'moonbarn'] as const

export const DATA_DEFAULT = './data'
export const DATA_DEMO = './data-demo'

const NAMES = {
  demo: 'the made-up chat of a demo',
  twitch: 'chat of Twitch',
  replay: 'a replay',
} as const

const LOGIN = /^[a-z0-9_]{1,25}$/
const REPLICAS_MAX = 16
const LINES_PER_SECOND_MAX = 1_000_000

/**
 * Checks the options of a start. Without channels and without a file it goes on with what the folder
 * logged last, and is the demo in a new one.
 *
 * @throws {Problem} which lists everything that is wrong.
 */
export function planStart(options: StartOptions, lastMode: Mode | undefined): StartPlan {
  const wrong: string[] = []
  const channels = (options.channels ?? '').toLowerCase().split(',').map(trimLogin).filter(Boolean)
  for (const login of channels) {
    if (!LOGIN.test(login)) wrong.push(`--channels: "${login}" is not a Twitch login`)
  }
  if (options.channels !== undefined && channels.length === 0)
    wrong.push('--channels: names no channel')
  if (channels.length > 0 && options.replay !== undefined) {
    wrong.push('--channels and --replay: choose one, a replay joins the channels of its file')
  }
  const integer = (name: 'port' | 'replicas' | 'rate', max: number): number => {
    const text = options[name]
    const value = Number(text)
    const isWrong = !/^\d+$/.test(text) || value < 1 || value > max
    if (isWrong) wrong.push(`--${name}: "${text}" is not a whole number from 1 to ${max}`)
    return value
  }
  const port = integer('port', 65_535)
  const replicas = integer('replicas', REPLICAS_MAX)
  const rate = options.rate === 'max' ? 'max' : integer('rate', LINES_PER_SECOND_MAX)
  const replayFile = options.replay === undefined ? undefined : checkFile(options.replay, wrong)
  const mode = replayFile ? 'replay' : channels.length > 0 ? 'twitch' : (lastMode ?? 'demo')
  if (lastMode !== undefined && mode !== lastMode) {
    wrong.push(`--data: the folder holds ${NAMES[lastMode]}, choose another one for ${NAMES[mode]}`)
  }
  if (wrong.length > 0) throw new Problem(wrong.join('\n'))
  return { mode, channels, replayFile, rate, port, host: options.host, replicas }
}

function trimLogin(text: string): string {
  return text.trim().replace(/^#/, '')
}

function checkFile(path: string, wrong: string[]): string {
  const stats = statSync(resolve(path), { throwIfNoEntry: false })
  if (stats === undefined) wrong.push(`--replay: there is no file ${path}`)
  else if (!stats.isFile()) wrong.push(`--replay: ${path} is not a file`)
  else if (stats.size === 0) wrong.push(`--replay: ${path} is empty`)
  return resolve(path)
}
