import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { VirtualizerOptions } from '@tanstack/virtual-core'
import { flushSync } from 'preact/compat'
import { useLayoutEffect, useReducer, useState } from 'preact/hooks'

type Defaults = 'observeElementRect' | 'observeElementOffset' | 'scrollToFn' | 'onChange'
/** What a list of rows in a scrolling element is made of. */
export type VirtualListOptions = Omit<VirtualizerOptions<HTMLElement, HTMLElement>, Defaults>

/** TanStack's virtual list for Preact: it draws anew when other rows come into view, or one has another size. */
export function useVirtualList(options: VirtualListOptions): Virtualizer<HTMLElement, HTMLElement> {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const all: VirtualizerOptions<HTMLElement, HTMLElement> = {
    ...options,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: (_, isSync) => {
      if (isSync) flushSync(() => redraw(undefined))
      else redraw(undefined)
    },
  }
  const [list] = useState(() => new Virtualizer(all))
  list.setOptions(all)
  useLayoutEffect(() => list._didMount(), [list])
  useLayoutEffect(() => list._willUpdate())
  return list
}
