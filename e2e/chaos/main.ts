import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import { renderReport, toJson } from './report.ts'
import { runChaos } from './run.ts'

const SEED_END = 2 ** 31
const CHANNELS_MAX = 500
const RATE_MAX = 2000
const MINUTES_MAX = 24 * 60
/** On a terminal each second, else now and then. */
const PROGRESS_EVERY = process.stdout.isTTY ? 1 : 10
/** What a failed run leaves beside its history is large. */
const DATA = ['redis', 's3', 'spool']

const number = (min: number, max: number) => (value: string) => {
  const parsed = Number(value)
  if (Number.isFinite(parsed) && parsed >= min && parsed <= max) return parsed
  throw new InvalidArgumentError(`It must be ${min} to ${max}.`)
}
const whole = (min: number, max: number) => (value: string) => {
  const parsed = number(min, max)(value)
  if (Number.isInteger(parsed)) return parsed
  throw new InvalidArgumentError('It must be a whole number.')
}

const command = new Command()
  .name('npm run chaos --')
  .description(
    'kills, freezes and cuts off real processes while it asks and checks all the time:\n' +
      'nothing acknowledged is missing, nothing is there twice, everything is in order and as it was sent.\n' +
      'At most one ingest replica is harmed at a time, and the next one when the fleet is whole again:\n' +
      'every channel received by as many replicas as --replication says, and nothing left in a spool.\n' +
      'With --replication 1 what was sent may be lost, in gaps of at most 15 s that the coverage ledger tells.\n' +
      'Answers that fail or break off say nothing; they are counted. Exit code 1 when anything was wrong.',
  )
  .option('--minutes <number>', 'how long it does harm', number(0.1, MINUTES_MAX), 10)
  .option(
    '--seed <number>',
    'decides what is done in which order; random where not given',
    whole(0, SEED_END),
  )
  .option('--replication <number>', 'replicas that receive each channel', whole(1, 2), 2)
  .option('--cluster', 'Redis is a cluster of three nodes, killed and frozen one at a time')
  .option('--channels <number>', 'how many channels chat', whole(1, CHANNELS_MAX), 20)
  .option('--rate <number>', 'messages a second, over all channels', number(1, RATE_MAX), 80)
  .option(
    '--upgrade-from <folder>',
    'instead of doing harm start all with the version in that folder (npm ci has been run in it),\n' +
      'upgrade part by part in some order, set back, and so on until it is over',
  )
  .option('--keep', 'keep the data too, not only history and logs')
  .option('--json', 'print one JSON object as the last line')
  .parse()

// Those that run in the background end with this process, which has to end in a way that tells them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(1))
}
const { json: isJson = false, keep: isKept = false, ...asked } = command.opts()
const oldRoot = asked.upgradeFrom === undefined ? undefined : resolve(asked.upgradeFrom)
if (oldRoot !== undefined && !existsSync(join(oldRoot, 'node_modules/.package-lock.json'))) {
  command.error(
    `error: ${oldRoot} has no installed poglog: check a version out there and run npm ci`,
  )
}
const seed = asked.seed ?? Math.floor(Math.random() * SEED_END)
const folder = await mkdtemp(join(tmpdir(), 'poglog-chaos-'))
print(`seed ${seed}, history in ${folder}`)
let told = 0
const result = await runChaos({
  folder,
  seed,
  minutes: asked.minutes,
  replication: asked.replication,
  isCluster: asked.cluster ?? false,
  channels: asked.channels,
  messagesPerSecond: asked.rate,
  oldRoot,
  onProgress: (line) => {
    told += 1
    if (process.stdout.isTTY) process.stdout.write(`\r\u{1b}[K${line}`)
    else if (told % PROGRESS_EVERY === 1) print(line)
  },
  onPhase: print,
})
if (process.stdout.isTTY) print('')
print(renderReport(result))
if (!isKept) {
  for (const name of DATA) await rm(join(folder, name), { recursive: true, force: true })
}
if (isJson) print(toJson(result))
process.exitCode = result.violations.size === 0 ? 0 : 1

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
