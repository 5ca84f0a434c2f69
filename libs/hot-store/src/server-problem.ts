import { infoField } from './memory.ts'

/** 7.0 has `#!lua` flags, `<ms>-*` ids and SMISMEMBER, which the scripts use. */
const REDIS_MAJOR_MIN = 7

/** Says, from a server's INFO, why it cannot hold the log and what to do; `undefined` when it can. */
export function serverProblem(info: unknown): string | undefined {
  const version = infoField(info, 'redis_version') ?? 'unknown'
  const isValkey = infoField(info, 'valkey_version') !== undefined
  if (!isValkey && !(Number.parseInt(version, 10) >= REDIS_MAJOR_MIN)) {
    return `Redis ${version} is too old: use Redis 7.0 or newer, or Valkey`
  }
  const policy = infoField(info, 'maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction') {
    return `maxmemory-policy is ${policy}, so Redis would throw away log lines: set it to noeviction`
  }
  return undefined
}
