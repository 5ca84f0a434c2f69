const MARGIN_PX = 8

/**
 * Puts a popover below what opens it, inside of the window. It has its size from its own style, so that it can be put
 * there before it is filled.
 */
export function placeBelow(anchor: HTMLElement | null, popover: HTMLElement | null): void {
  if (anchor === null || popover === null) return
  const { left, bottom } = anchor.getBoundingClientRect()
  popover.style.left = `max(${MARGIN_PX}px, min(${left}px, 100vw - var(--popover-width) - ${MARGIN_PX}px))`
  popover.style.top = `max(${MARGIN_PX}px, min(${bottom + MARGIN_PX / 2}px, 100vh - var(--popover-height) - ${MARGIN_PX}px))`
}
