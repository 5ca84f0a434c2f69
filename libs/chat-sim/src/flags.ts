import { parseArgs } from 'node:util'
import { z } from 'zod'
import { ChatSimError } from './errors.ts'
import type { ChatSimSettings } from './types.ts'

export const HELP = `chat-sim: a Twitch chat server that replays a file or makes up chat

  node src/main.ts --replay FILE [--rate max|LINES_PER_SECOND] [--no-pause]
  node src/main.ts --generate [--channels 20|name,name] [--messages-per-second 20] [--seed 1]
                   [--lines N] [--skew 1] [--chatters N] [--nonce-share 0.1]

  --port N                      default 0: a free one
  --host ADDRESS                default 127.0.0.1
  --ping-interval-ms N          default 300000
  --pong-timeout-ms N           default 10000
  --slow-client-ms N            default 30000
  --join-limit N                joins per window; default: no limit
  --join-window-ms N            default 10000
  --join-limit-per WHAT         connection (default), address or identity
  --join-limit-over WHAT        ignore (default) or close
  --channels-per-connection N   default: no limit
  --fault-seed N --duplicate-share S --split-share S --malformed-share S
                                shares (0 to 1) of lines that get a fault
  --no-pause                    a replay goes on while nobody is on a line's channel

It prints JSON lines: {"event":"listening","url","channels"} first, {"event":"progress","sent",
"total","done","skipped","waiting","waitingFor"} every second, and connected, closed, done, failed
as they happen. SIGTERM ends it with exit code 0; a file or setting that is no use, with 2.

One command a line on standard input; each is answered by {"event":"control","ok":...}:
  drop [CONNECTION]   stall MS [CONNECTION]   reconnect [CLOSE_AFTER_MS] [CONNECTION]   refuse MS
  delay-pong MS       duplicate N             split N             malformed N
  suspend CHANNEL     inject LINE             connections         progress
`

const whole = z.coerce.number().int().min(0)
const share = z.coerce.number().min(0).max(1)
const positive = z.coerce.number().positive()

const schema = z
  .object({
    help: z.boolean(),
    replay: z.string().min(1),
    rate: z.union([z.literal('max'), positive]),
    'no-pause': z.boolean(),
    generate: z.boolean(),
    channels: z.string().min(1),
    'messages-per-second': positive,
    seed: z.coerce.number().int(),
    lines: whole,
    skew: z.coerce.number().min(0),
    chatters: whole.min(1),
    'nonce-share': share,
    port: whole.max(65_535),
    host: z.string().min(1),
    'ping-interval-ms': whole.min(1),
    'pong-timeout-ms': whole.min(1),
    'slow-client-ms': whole.min(1),
    'join-limit': whole.min(1),
    'join-window-ms': whole.min(1),
    'join-limit-per': z.enum(['connection', 'address', 'identity']),
    'join-limit-over': z.enum(['ignore', 'close']),
    'channels-per-connection': whole.min(1),
    'fault-seed': z.coerce.number().int(),
    'duplicate-share': share,
    'split-share': share,
    'malformed-share': share,
  })
  .partial()

type Flags = z.infer<typeof schema>

const SWITCHES = new Set(['help', 'no-pause', 'generate'])

/**
 * Reads the command line.
 *
 * @throws {ChatSimError} `bad-settings`, naming every flag that is wrong.
 */
export function readFlags(args: readonly string[]): ChatSimSettings | 'help' {
  const flags = parseFlags(args)
  if (flags.help === true) return 'help'
  if ((flags.replay === undefined) === (flags.generate !== true)) {
    throw new ChatSimError('bad-settings', 'give either --replay FILE or --generate (see --help)')
  }
  return {
    port: flags.port,
    host: flags.host,
    source: sourceOf(flags),
    pingIntervalMs: flags['ping-interval-ms'],
    pongTimeoutMs: flags['pong-timeout-ms'],
    slowClientMs: flags['slow-client-ms'],
    joinLimit: joinLimitOf(flags),
    faults: {
      seed: flags['fault-seed'] ?? 0,
      duplicateShare: flags['duplicate-share'],
      splitShare: flags['split-share'],
      malformedShare: flags['malformed-share'],
    },
  }
}

function parseFlags(args: readonly string[]): Flags {
  let values: unknown
  try {
    const options = Object.fromEntries(
      Object.keys(schema.shape).map((name) => {
        const type: 'boolean' | 'string' = SWITCHES.has(name) ? 'boolean' : 'string'
        return [name, { type }]
      }),
    )
    values = parseArgs({ args: [...args], options, strict: true }).values
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ChatSimError('bad-settings', reason, { cause: error })
  }
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`)
  throw new ChatSimError('bad-settings', wrong.join('; '))
}

function sourceOf(flags: Flags): ChatSimSettings['source'] {
  if (flags.replay !== undefined) {
    return {
      kind: 'replay',
      file: flags.replay,
      rate: flags.rate ?? 'max',
      pauseWithoutListener: flags['no-pause'] !== true,
    }
  }
  const channels = flags.channels ?? '20'
  return {
    kind: 'generate',
    seed: flags.seed ?? 1,
    channels: /^\d+$/.test(channels) ? Number(channels) : channels.split(','),
    messagesPerSecond: flags['messages-per-second'] ?? 20,
    lines: flags.lines,
    skew: flags.skew,
    chatters: flags.chatters,
    nonceShare: flags['nonce-share'],
  }
}

function joinLimitOf(flags: Flags): ChatSimSettings['joinLimit'] {
  const { 'join-limit': joins, 'channels-per-connection': channelsPerConnection } = flags
  if (joins === undefined && channelsPerConnection === undefined) return undefined
  return {
    joins: joins ?? Infinity,
    windowMs: flags['join-window-ms'],
    per: flags['join-limit-per'],
    over: flags['join-limit-over'],
    channelsPerConnection,
  }
}
