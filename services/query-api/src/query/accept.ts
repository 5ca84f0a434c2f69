import { accepts } from 'hono/accepts'
import type { Context } from 'hono'
import { parseAccept } from 'hono/utils/accept'
import type { Format } from '../format/formats.ts'

const BY_TYPE: ReadonlyMap<string, Format> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['text/plain', 'text'],
])

/**
 * Whether somebody looks with a browser: `Accept` names HTML, and JSON no more than that. Programs take anything, or
 * what they name.
 */
export function prefersHtml({ req }: Context): boolean {
  const accepted = parseAccept(req.header('accept') ?? '')
  const qualityOf = (wanted: string): number =>
    accepted.find(({ type }) => type.toLowerCase() === wanted)?.q ?? 0
  const quality = qualityOf('text/html')
  return quality > 0 && quality >= qualityOf('application/json')
}

/** The format that `Accept` asks for; JSON where it asks for nothing that we have. */
export function acceptedFormat(c: Context): Format {
  const type = accepts(c, {
    header: 'Accept',
    supports: [...BY_TYPE.keys()],
    default: 'application/json',
  })
  return BY_TYPE.get(type) ?? 'json'
}
