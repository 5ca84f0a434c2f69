import { Component } from 'preact'
import type { ComponentChildren } from 'preact'
import { Failure } from './failure.tsx'

interface Props {
  readonly children: ComponentChildren
}
interface State {
  readonly error?: unknown
}

/** Shows what went wrong where a part of the page could not be drawn or loaded, instead of nothing. */
export class Boundary extends Component<Props, State> {
  override state: State = {}

  static override getDerivedStateFromError(error: unknown): State {
    return { error }
  }

  override render({ children }: Props, { error }: State) {
    if (error === undefined) return children
    return <Failure error={error} onRetry={() => location.reload()} />
  }
}
