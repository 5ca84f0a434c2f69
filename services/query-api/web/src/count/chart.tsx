import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { DAY_MS, HOUR_MS } from '../place/time.ts'
import { chartOptions } from './chart-options.ts'
import { tooltip } from './chart-tooltip.ts'
import type { Series } from './series.ts'
import 'uplot/dist/uPlot.min.css'
import './chart.css'

interface ChartProps {
  readonly series: Series
  /** What it shows, for who cannot see it. */
  readonly label: string
  /** A point was clicked: its line, and the start of its hour or day. */
  readonly onPick: (line: number, startMs: number) => void
  /** A part of the range was chosen. */
  readonly onZoom: (range: { readonly fromMs: number; readonly toMs: number }) => void
}

/** Counts over time as lines; a click leads to what is behind a point, a drag to a part of the range. */
export function Chart({ series, label, onPick, onZoom }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  // A chart is made anew for other counts, not for other things to do with them.
  const handlers = useRef({ onPick, onZoom })
  useEffect(() => {
    handlers.current = { onPick, onZoom }
  })
  useEffect(() => {
    if (box.current === null) return
    return drawChart(box.current, series, {
      onPick: (line, startMs) => handlers.current.onPick(line, startMs),
      onZoom: (range) => handlers.current.onZoom(range),
    })
  }, [series])
  return <div ref={box} class="chart" role="img" aria-label={label} />
}

/** Draws a chart that is as wide as its box, and returns how to take it away. */
function drawChart(
  box: HTMLElement,
  series: Series,
  { onPick, onZoom }: Pick<ChartProps, 'onPick' | 'onZoom'>,
): () => void {
  const options = chartOptions(series, box.clientWidth)
  const zoom = (chart: uPlot): void => {
    const { left, width } = chart.select
    if (width === 0) return
    const [first, last] = [chart.posToIdx(left), chart.posToIdx(left + width)]
    const [fromMs, lastMs] = [series.startsMs[first], series.startsMs[last]]
    if (fromMs === undefined || lastMs === undefined) return
    onZoom({ fromMs, toMs: lastMs + (series.by === 'hour' ? HOUR_MS : DAY_MS) })
  }
  const data = [[...series.startsMs], ...series.lines.map(({ counts }) => [...counts])]
  const chart = new uPlot(
    { ...options, plugins: [tooltip(series)], hooks: { setSelect: [zoom] } },
    toAligned(data),
    box,
  )
  const pick = (): void => {
    const startMs = series.startsMs[chart.cursor.idx ?? -1]
    if (startMs !== undefined) onPick(nearestLine(chart, series), startMs)
  }
  chart.over.addEventListener('click', pick)
  const sizes = new ResizeObserver(() => {
    chart.setSize({ width: box.clientWidth, height: options.height })
  })
  sizes.observe(box)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const redraw = (): void => chart.redraw(false)
  scheme.addEventListener('change', redraw)
  return () => {
    scheme.removeEventListener('change', redraw)
    sizes.disconnect()
    chart.destroy()
  }
}

function toAligned([starts = [], ...lines]: number[][]): uPlot.AlignedData {
  return [starts, ...lines]
}

/** The line whose point is nearest to the cursor. */
function nearestLine(chart: uPlot, { lines }: Series): number {
  const top = chart.cursor.top ?? 0
  const index = chart.cursor.idx ?? 0
  const distances = lines.map(({ counts }) =>
    Math.abs(chart.valToPos(counts[index] ?? 0, 'y') - top),
  )
  return Math.max(distances.indexOf(Math.min(...distances)), 0)
}
