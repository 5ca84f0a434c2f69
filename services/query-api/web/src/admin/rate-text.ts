import { numberText } from '../ui/number.ts'

/** Messages a minute: `12,345`, `3.4`, a dash where it is not known. */
export function rateText(perMinute: number | null): string {
  if (perMinute === null) return '–'
  return numberText(perMinute < 10 ? Math.round(perMinute * 10) / 10 : Math.round(perMinute))
}
