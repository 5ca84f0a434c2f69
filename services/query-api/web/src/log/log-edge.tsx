import type { Direction, Edge } from './log-page.ts'
import type { LogReader, LogState } from './log-reader.ts'
import { edgeOf } from './log-window.ts'
import { dayText } from '../place/time.ts'

interface LogEdgeProps {
  readonly reader: LogReader
  readonly state: LogState
  readonly direction: Direction
  readonly height: number
  readonly isLive?: boolean
}

/** What stands at an end of the lines: that more is on its way, did not come, or that the log ends here. */
export function LogEdge({ reader, state, direction, height, isLive = false }: LogEdgeProps) {
  const loading = state[direction]
  const edge = edgeOf(state.window, direction)
  return (
    <div class={`edge ${direction}`} style={{ height: `${height}px` }}>
      {typeof loading === 'object' ? (
        <button type="button" class="button" onClick={() => void reader.more(direction)}>
          {direction === 'older' ? 'Earlier' : 'Later'} messages did not come: try again
        </button>
      ) : (
        <span aria-live="polite">{edgeText(edge, direction, isLive)}</span>
      )}
    </div>
  )
}

function edgeText(edge: Edge, direction: Direction, isLive: boolean): string {
  if (edge.kind !== 'end') {
    const isSearch = edge.kind === 'time' && edge.spanMs !== undefined
    return isSearch ? `Searching, now at ${dayText(edge.timeMs)} …` : 'Loading …'
  }
  if (direction === 'older') return 'Here the log begins'
  return isLive ? 'Listening for new messages' : 'These are the newest messages'
}
