import uPlot from 'uplot'
import { tickTexts } from './period-text.ts'
import type { Series } from './series.ts'

const CHART_HEIGHT_PX = 256
/** Lines differ in this too, for who cannot tell their colours apart; one for each word of a chart. */
export const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 4], [10, 4, 2, 4], [5, 3]]
const TICK_SPACE_PX = 72
const LINE_WIDTH_PX = 2
/** Shorter drags are clicks. */
const DRAG_PX_MIN = 8
/** Counts are whole numbers, and so are the ticks. */
const INCREMENTS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((by) => by * 10 ** power))
const COMPACT = new Intl.NumberFormat('en-GB', { notation: 'compact' })

/** How a chart looks; canvas takes no variables, so colours are looked up at each drawing. */
export function chartOptions({ lines }: Series, width: number): uPlot.Options {
  const axis = {
    stroke: (chart: uPlot) => colourOf(chart, '--chart-text'),
    grid: { stroke: (chart: uPlot) => colourOf(chart, '--chart-line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  }
  return {
    width,
    height: CHART_HEIGHT_PX,
    ms: 1,
    tzDate: (timeMs) => uPlot.tzDate(new Date(timeMs), 'Etc/UTC'),
    legend: { show: false },
    padding: [12, 24, 0, 0],
    cursor: {
      y: false,
      points: { size: 8 },
      drag: { x: true, y: false, setScale: false, dist: DRAG_PX_MIN },
    },
    scales: { y: { range: (_chart, _least, most) => [0, Math.max(most * 1.05, 1)] } },
    axes: [
      {
        ...axis,
        space: TICK_SPACE_PX,
        size: 36,
        gap: 10,
        values: (_chart, ticksMs) => tickTexts(ticksMs),
      },
      {
        ...axis,
        size: 48,
        incrs: INCREMENTS.flat(),
        values: (_chart, counts) => counts.map((count) => COMPACT.format(count)),
      },
    ],
    series: [
      {},
      ...lines.map(({ label }, index) => ({
        label,
        stroke: (chart: uPlot) => colourOf(chart, `--series-${index + 1}`),
        width: LINE_WIDTH_PX,
        dash: [...(DASHES[index] ?? [])],
        ...(lines.length > 1 ? {} : { fill: (chart: uPlot) => colourOf(chart, '--chart-fill') }),
      })),
    ],
  }
}

/** A registered property of the style sheet as the colour that it is now. */
const colourOf = (chart: uPlot, name: string): string =>
  getComputedStyle(chart.root).getPropertyValue(name)
