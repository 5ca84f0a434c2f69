import type { ChaosResult } from './run.ts'

const NAME_WIDTH = 72

/** The end of a run as a table. */
export function renderReport(result: ChaosResult): string {
  const { seed, folder, faults, sent, expected, lost, gaps, live, routes, violations, messages } =
    result
  const answers = [...routes].map(([route, tally]) => {
    const away = [...tally.unavailable].map(([why, count]) => `${why} ${count}`).join(', ')
    return [route, `${tally.checked}${away === '' ? '' : `   (unavailable: ${away})`}`] as const
  })
  return [
    `seed ${seed}`,
    ...rows('done', faults),
    ...rows('lines', [
      ['sent', sent],
      ['to be stored', expected],
      ['lost', lost],
      ['gaps told', gaps.length],
      ['longest gap, s', Math.max(0, ...gaps.map(({ fromMs, toMs }) => toMs - fromMs)) / 1000],
    ]),
    ...rows('answers checked', answers),
    ...rows('live', Object.entries(live)),
    ...rows('logged', messages),
    ...rows('violations', violations.size === 0 ? [['none', 0]] : violations),
    '',
    `history: ${folder}`,
  ].join('\n')
}

function rows(title: string, cells: Iterable<readonly [string, string | number]>): string[] {
  const sorted = [...cells].toSorted(([left], [right]) => (left < right ? -1 : 1))
  const lines = sorted.map(([name, value]) => `  ${name.padEnd(NAME_WIDTH)}${value}`)
  return ['', title, ...lines]
}

/** The same as plain data. */
export function toJson(result: ChaosResult): string {
  const { faults, routes, violations, messages, ...numbers } = result
  return JSON.stringify({
    ...numbers,
    faults: Object.fromEntries(faults),
    routes: Object.fromEntries(
      [...routes].map(([route, tally]) => [
        route,
        { ...tally, unavailable: Object.fromEntries(tally.unavailable) },
      ]),
    ),
    violations: Object.fromEntries(violations),
    messages: Object.fromEntries(messages),
  })
}
