import { textOf } from '../chat/line.ts'
import type { Line } from '../chat/line.ts'

/** Has several lines copied as the lines of text that the API has; a part of one is copied as it is. */
export function copyLines(event: ClipboardEvent, lines: readonly Line[]): void {
  const selection = document.getSelection()
  const list = event.currentTarget
  if (selection === null || !(list instanceof HTMLElement)) return
  const selected = [...list.querySelectorAll<HTMLElement>('[data-index]')]
    .filter((entry) => selection.containsNode(entry, true))
    .map((entry) => Number(entry.dataset['index']))
    .toSorted((left, right) => left - right)
    .flatMap((index) => lines[index] ?? [])
  if (selected.length < 2) return
  event.clipboardData?.setData('text/plain', `${selected.map(textOf).join('\n')}\n`)
  event.preventDefault()
}
