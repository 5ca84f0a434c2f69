import process from 'node:process'
import { Command, Option } from '@commander-js/extra-typings'
import { SettingsError } from '@poglog/service-kit'
import { DEFAULTS } from './capacity/options.ts'
import { exitCodeOf } from './exit-code.ts'

const program = new Command('poglog')
  .description('Logs Twitch chat, keeps every line byte for byte, and answers who said what.')
  .showHelpAfterError('(--help shows what there is)')

program
  .command('start')
  .description('start everything on this machine: Redis, archiver, API, ingest')
  .addOption(
    new Option('--channels <logins>', 'Twitch channels to log, with commas between').env(
      'CHANNELS',
    ),
  )
  .option('--replay <file>', 'replay a file of IRC lines over the Twitch protocol')
  .option('--rate <lines>', 'lines a second of a replay, or "max"', '100')
  .addOption(new Option('--port <number>', 'where the API listens').default('8025').env('PORT'))
  .addOption(
    new Option('--host <address>', 'the address it listens on; 0.0.0.0 opens it to the network')
      .default('127.0.0.1')
      .env('HOST'),
  )
  .option('--data <folder>', 'where everything is kept (default: ./data, ./data-demo for the demo)')
  .option('--replicas <number>', 'how many ingest processes', '1')
  .addHelpText(
    'after',
    '\nWithout channels and file it goes on with what the folder logged last; a new folder gets a' +
      '\ndemo with made-up chat. REDIS_URL and OBJECT_STORE (s3://bucket/prefix, with S3_ENDPOINT and' +
      '\nthe AWS credentials) are used where they are set.',
  )
  .action(async (options) => (await import('./start.ts')).start(options, process.env))

program
  .command('seal')
  .description('move all hot records to the object store now')
  .option('--data <folder>', 'the data folder of a running poglog', './data')
  .action(async (options) => (await import('./seal.ts')).seal(options, process.env))

program
  .command('compact')
  .description('merge the segments of ended days in every order, and fold months')
  .option('--close-month <months...>', 'fold these months (2026-11) as if nothing more came')
  .option('--data <folder>', 'the data folder of a running poglog', './data')
  .action(async (options) => (await import('./compact.ts')).compact(options, process.env))

program
  .command('cat')
  .description('print the records of segments, for example to see what lies in the object store')
  .argument(
    '<segment...>',
    'segment files, or object keys below the store of --data or OBJECT_STORE',
  )
  .option('--format <format>', 'raw (lines as Twitch sent them) or ndjson', 'raw')
  .option('--channel <id>', 'only this channel id')
  .option('--data <folder>', 'the data folder whose object store is meant', './data')
  .action(async (segments, options) =>
    (await import('./cat.ts')).cat(segments, options, process.env),
  )

program
  .command('rebuild')
  .description(
    'make the manifests in Redis anew from the objects of the store, after Redis was lost',
  )
  .option('--force', 'replace manifests that are not empty: for a Redis that was rolled back')
  .option('--skip-damaged', 'go on without objects that cannot be read')
  .option('--data <folder>', 'the data folder of a running poglog', './data')
  .addHelpText(
    'after',
    '\nIt reads the footer of every object, then the names in the segments. Until it has ended, answers lack' +
      '\nwhat the lost manifests named. Who had been erased is not in the objects: ask for it again.',
  )
  .action(async (options) => (await import('./rebuild.ts')).rebuild(options, process.env))

program
  .command('verify')
  .description('read the whole archive, compare counts and digests, and name what is wrong')
  .option('--data <folder>', 'the data folder of a running poglog', './data')
  .action(async (options) => (await import('./verify.ts')).verify(options, process.env))

program
  .command('import')
  .description('bring logs into poglog: files of IRC lines, a justlog folder, another instance')
  .argument(
    '[source...]',
    'files (plain, gzip or zstd), justlog log folders, or - for standard input',
  )
  .option('--from <url>', 'a running justlog, rustlog or recent-messages instance')
  .option('--channel <channels>', 'with --from: logins or ids, with commas between')
  .option('--user <user>', 'with --from: only this user of the channel, a login or an id')
  .option('--from-date <date>', 'with --from: the first day, for example 2026-11-01 (UTC)')
  .option('--to-date <date>', 'with --from: the last day')
  .option(
    '--api <kind>',
    'with --from: justlog, rustlog or recent-messages, where the address does not tell',
  )
  .option('--channel-id <id>', 'the channel of lines that do not carry its number')
  .option(
    '--reject <file>',
    'a new file for rejected lines (default: import/rejected-TIME.ndjson in the data folder)',
  )
  .option('--again', 'read also what was imported before and has not changed')
  .option('--data <folder>', 'the data folder of a running poglog', './data')
  .addHelpText(
    'after',
    '\nDoing it twice changes nothing, and what was stopped goes on. Examples:' +
      '\n  poglog import old/*.txt.gz' +
      '\n  poglog import /var/lib/justlog/logs' +
      '\n  poglog import --from https://logs.example.org --channel forsen --from-date 2026-01-01' +
      '\n  poglog import --from https://recent-messages.example.org --channel forsen',
  )
  .action(async (sources, options) =>
    (await import('./import.ts')).importLogs(sources, options, process.env),
  )

program
  .command('export')
  .description('write records, hot and cold together, as lines, JSON or Parquet')
  .option('--channel <channel>', 'a login or an id; without channel and user everything is written')
  .option('--user <user>', 'a login or an id; over all channels where none is given')
  .option('--from <time>', 'sent at this time or later: 2026-11-01, or RFC 3339')
  .option('--to <time>', 'sent before this time')
  .option('--type <types>', 'only these types, for example PRIVMSG,CLEARCHAT')
  .option('--format <format>', 'raw (lines as Twitch sent them), ndjson or parquet', 'raw')
  .option('--out <file>', 'a file to write; standard output without it')
  .option('--data <folder>', 'the data folder of a running poglog', './data')
  .action(async (options) => (await import('./export.ts')).exportLogs(options, process.env))

program
  .command('capacity')
  .description('say what a load takes: memory, replicas, objects, requests and dollars a month')
  .requiredOption('--messages-per-second <number>', 'over all channels, on average')
  .requiredOption('--channels <number>', 'channels that are logged')
  .option('--shards <number>', 'SHARDS', DEFAULTS.shards)
  .option(
    '--replication <number>',
    'REPLICATION: replicas that receive a channel',
    DEFAULTS.replication,
  )
  .option('--peak-factor <number>', 'the busiest hour, times the average', DEFAULTS.peakFactor)
  .option(
    '--retention-hours-hot <hours>',
    'how long records stay in Redis (default: as the archiver does by itself)',
  )
  .option(
    '--queries-per-second <number>',
    "questions like a user's month",
    DEFAULTS.queriesPerSecond,
  )
  .option('--join-minutes <minutes>', 'how long joining everything may take', DEFAULTS.joinMinutes)
  .option('--outage-hours <hours>', 'how long Redis may be away', DEFAULTS.outageHours)
  .option(
    '--users-per-day <number>',
    'people who write in a day (default: 500 for each message a second)',
  )
  .option('--months-kept <months>', 'how many months lie in the store', DEFAULTS.monthsKept)
  .option('--price-put <dollars>', 'of 1,000 requests that write', DEFAULTS.pricePut)
  .option('--price-get <dollars>', 'of 1,000 requests that read', DEFAULTS.priceGet)
  .option('--price-gb-month <dollars>', 'of a gigabyte in the store', DEFAULTS.priceGbMonth)
  .option('--price-core-hour <dollars>', 'of a processor core', DEFAULTS.priceCoreHour)
  .option('--price-memory-gb-hour <dollars>', 'of a gigabyte of memory', DEFAULTS.priceMemoryGbHour)
  .option('--json', 'print one JSON object')
  .action(async (options) => (await import('./capacity.ts')).capacity(options))

try {
  await program.parseAsync()
} catch (error) {
  const code = exitCodeOf(error)
  if (code === undefined || !(error instanceof Error)) throw error
  const what = error instanceof SettingsError ? `wrong settings:\n${error.message}` : error.message
  process.stderr.write(`poglog: ${what}\n`)
  process.exitCode = code
}
