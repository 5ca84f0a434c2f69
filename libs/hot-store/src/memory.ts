import type { Connection } from './connection.ts'

/** Scripts are run by these. */
const SCRIPT_COMMANDS = ['eval', 'eval_ro', 'evalsha', 'evalsha_ro'] as const

/** `maxBytes` is Redis' `maxmemory`, 0 when it has no limit. */
export interface MemoryUse {
  readonly usedBytes: number
  readonly maxBytes: number
}

export async function memoryUse(connection: Connection): Promise<MemoryUse> {
  const infos = await connection.commandOnPrimaries('info', 'memory')
  const uses = infos.map((info) => ({
    usedBytes: Number(infoField(info, 'used_memory') ?? 0),
    maxBytes: Number(infoField(info, 'maxmemory') ?? 0),
  }))
  const fullest = uses.toSorted((a, b) => share(b) - share(a))[0]
  return fullest ?? { usedBytes: 0, maxBytes: 0 }
}

/** Time that all primaries have spent in scripts since they started, in seconds; those of everybody who uses them. */
export async function scriptSeconds(connection: Connection): Promise<number> {
  const infos = await connection.commandOnPrimaries('info', 'commandstats')
  const micros = infos.flatMap((info) =>
    SCRIPT_COMMANDS.map((command) => {
      const [, usec = '0'] =
        /(?:^|,)usec=(\d+)/.exec(infoField(info, `cmdstat_${command}`) ?? '') ?? []
      return Number(usec)
    }),
  )
  return micros.reduce((sum, each) => sum + each, 0) / 1e6
}

/** A field of an INFO reply. */
export function infoField(info: unknown, name: string): string | undefined {
  if (typeof info !== 'string') return undefined
  for (const line of info.split('\r\n')) {
    if (line.startsWith(`${name}:`)) return line.slice(name.length + 1)
  }
  return undefined
}

/** Without a limit the used bytes alone tell which node is fuller. */
const share = ({ usedBytes, maxBytes }: MemoryUse): number =>
  maxBytes === 0 ? usedBytes : usedBytes / maxBytes
