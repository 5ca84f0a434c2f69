import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import { runOutage } from './outage.ts'
import { runScale } from './scale.ts'

const whole = (value: string): number => {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new InvalidArgumentError('It must be a whole number from 1 on.')
}
const minutes = (value: string): number => {
  const number = Number(value)
  if (Number.isFinite(number) && number > 0 && number <= 60) return number
  throw new InvalidArgumentError('It must be a number of minutes, at most 60.')
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const program = new Command()
  .name('npm run scale --')
  .description('measures ingest as it is scaled, and as it goes without Redis, with real processes')

program
  .command('fleet')
  .description('1 -> 4 -> 2 replicas and a rolling restart, under load')
  .option('--channels <number>', 'how many channels', whole, 2000)
  .option('--rate <number>', 'messages a second, over all channels', whole, 300)
  .option('--joins <number>', 'joins in ten seconds, of all replicas together', whole, 400)
  .option('--seed <number>', 'decides what is said', whole, 1)
  .action(async ({ channels, rate, joins, seed }) => {
    const report = await runScale({
      seed,
      channels,
      messagesPerSecond: rate,
      joinsPer10s: joins,
      onProgress: print,
    })
    const { moves, ...totals } = report
    for (const { what, moved, least } of moves) print(`${what}: ${moved} of ${least}`)
    print(JSON.stringify(totals))
    const isOver = report.joinsRefused > 0 || report.joinsMost > joins
    if (report.lost > 0 || report.doubled > 0 || isOver) process.exitCode = 1
  })

program
  .command('outage')
  .description('Redis goes away and comes back, under load')
  .option('--minutes <number>', 'how long it is away', minutes, 3)
  .option('--channels <number>', 'how many channels', whole, 80)
  .option('--rate <number>', 'messages a second, over all channels', whole, 2000)
  .option('--seed <number>', 'decides what is said', whole, 1)
  .action(async ({ rate, ...options }) => {
    const report = await runOutage({ ...options, messagesPerSecond: rate, onProgress: print })
    print(JSON.stringify(report))
    if (report.lost + report.doubled + report.outOfOrder > 0) process.exitCode = 1
  })

await program.parseAsync()
