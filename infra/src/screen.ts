import { relative } from 'node:path'
import process from 'node:process'
import { setInterval } from 'node:timers/promises'
import type { DataFolder } from './data-folder.ts'
import type { SimulatorProgress } from './simulator.ts'
import type { StartPlan } from './start-options.ts'

const PROGRESS_MS = 500
/** Where nobody watches (a log file), a line every ten seconds is enough. */
const PROGRESS_MS_NO_TTY = 10_000

export interface Screen {
  readonly api: string
  readonly objectStore: string
  readonly plan: StartPlan
  /** The channels that are being logged, as far as the launcher knows them. */
  readonly channels: readonly string[]
  readonly folder: DataFolder
  readonly parts: readonly { name: string; pid: number | undefined; logFile: string }[]
}

/** One screen: where poglog is, what runs, where its logs are, and a first query. */
export function readyScreen({ api, objectStore, plan, channels, folder, parts }: Screen): string {
  const rows = parts.map(
    ({ name, pid, logFile }) =>
      `  ${name.padEnd(12)} pid ${String(pid ?? '-').padEnd(9)} ${relative(process.cwd(), logFile)}`,
  )
  return [
    '',
    `  poglog runs at ${api}`,
    '',
    `  ${describePlan(plan)}`,
    `  data     ${folder.path}`,
    `  objects  ${objectStore}`,
    '',
    ...rows,
    '',
    `  try      ${firstQuery(api, channels[0])}`,
    '',
    '  Ctrl-C stops everything and loses nothing.',
    '',
  ].join('\n')
}

function firstQuery(api: string, channel: string | undefined): string {
  if (channel === undefined) return `curl '${api}/channels'`
  return `curl '${api}/channel/${channel}/logs?limit=5&format=text'`
}

function describePlan({ mode, channels, replayFile }: StartPlan): string {
  switch (mode) {
    case 'demo':
      return 'demo: chat-sim makes up chat. To log Twitch: npm start -- --channels forsen,nymn'
    case 'twitch':
      return channels.length === 0
        ? 'logging the channels of this folder'
        : `logging ${channels.length} Twitch channel${channels.length === 1 ? '' : 's'}`
    case 'replay':
      return replayFile === undefined ? 'showing what was replayed' : `replaying ${replayFile}`
  }
}

/** Prints how far a replay is until it is done. */
export function watchReplay(progress: SimulatorProgress, signal: AbortSignal): void {
  const isTty = process.stdout.isTTY
  const loop = async (): Promise<void> => {
    let lastPrintMs = Date.now()
    for await (const _ of setInterval(PROGRESS_MS, undefined, { signal })) {
      if (progress.latest().done) break
      if (isTty) process.stdout.write(`\r  ${line(progress)}   `)
      if (isTty || Date.now() - lastPrintMs < PROGRESS_MS_NO_TTY) continue
      console.log(`  ${line(progress)}`)
      lastPrintMs = Date.now()
    }
    console.log(`${isTty ? '\r' : ''}  ${line(progress)}: all lines sent.`)
  }
  // The only way out but the end is the stop.
  loop().catch(() => undefined)
}

function line(progress: SimulatorProgress): string {
  const { sent, skipped, total, waiting } = progress.latest()
  if (waiting > 0 && sent === 0) return `replay: waiting for ${waiting} channels to be joined`
  const left = skipped === 0 ? '' : `, ${skipped} left out (not for a replay)`
  return `replay: ${sent.toLocaleString('en')} of ${total.toLocaleString('en')} lines${left}`
}
