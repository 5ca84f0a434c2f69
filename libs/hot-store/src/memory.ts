import type { Connection } from './connection.ts'

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
