import type uPlot from 'uplot'
import { numberText } from '../ui/number.ts'
import { periodText } from './period-text.ts'
import type { Series } from './series.ts'

/** Says the counts under the cursor, beside it. Who cannot see it has the table of the chart. */
export function tooltip({ by, startsMs, lines }: Series): uPlot.Plugin {
  const box = document.createElement('div')
  box.className = 'chart-tooltip'
  box.ariaHidden = 'true'
  const show = (chart: uPlot): void => {
    const index = chart.cursor.idx
    const startMs = index === null || index === undefined ? undefined : startsMs[index]
    box.hidden = startMs === undefined
    if (startMs === undefined || typeof index !== 'number') return
    const title = document.createElement('strong')
    title.textContent = periodText(startMs, by)
    const rows = lines.map(({ label, counts }, line) => rowOf(label, counts[index] ?? 0, line))
    box.replaceChildren(title, ...rows)
    const left = chart.cursor.left ?? 0
    const isRight = left > chart.over.clientWidth / 2
    box.style.transform = `translateX(${left}px) translateX(${isRight ? 'calc(-100% - 12px)' : '12px'})`
  }
  return {
    hooks: {
      init: (chart) => {
        box.hidden = true
        chart.over.append(box)
      },
      setCursor: show,
    },
  }
}

function rowOf(label: string, count: number, line: number): HTMLElement {
  const row = document.createElement('span')
  row.className = `chart-row series-${line + 1}`
  const name = document.createElement('span')
  name.textContent = label
  const value = document.createElement('b')
  value.textContent = numberText(count)
  row.append(name, value)
  return row
}
