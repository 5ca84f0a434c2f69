const UNITS = [
  { seconds: 31_557_600, one: 'year', more: 'years' },
  { seconds: 2_630_016, one: 'month', more: 'months' },
  { seconds: 86_400, one: 'day', more: 'days' },
  { seconds: 3600, one: 'h', more: 'h' },
  { seconds: 60, one: 'm', more: 'm' },
  { seconds: 1, one: 's', more: 's' },
] as const

/**
 * A duration in whole seconds as Rust's humantime writes it: `10m 30s`, `1day`, `14days`, `1month`.
 *
 * @see https://docs.rs/humantime/latest/humantime/fn.format_duration.html
 */
export function humantime(durationSeconds: number): string {
  if (durationSeconds === 0) return '0s'
  const parts: string[] = []
  let left = durationSeconds
  for (const { seconds, one, more } of UNITS) {
    const count = Math.floor(left / seconds)
    left %= seconds
    if (count > 0) parts.push(`${count}${count === 1 ? one : more}`)
  }
  return parts.join(' ')
}
