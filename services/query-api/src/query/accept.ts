import { accepts } from 'hono/accepts'
import type { Context } from 'hono'
import type { Format } from '../format/formats.ts'

const BY_TYPE: ReadonlyMap<string, Format> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['text/plain', 'text'],
])

/** The format that `Accept` asks for; JSON where it asks for nothing that we have. */
export function acceptedFormat(c: Context): Format {
  const type = accepts(c, {
    header: 'Accept',
    supports: [...BY_TYPE.keys()],
    default: 'application/json',
  })
  return BY_TYPE.get(type) ?? 'json'
}
