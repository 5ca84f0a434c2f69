import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { placeBelow } from './place-below.ts'

interface PopoverProps {
  /** What the button shows. */
  readonly button: ComponentChildren
  readonly buttonClass: string
  readonly class: string
  /** What the popover is called. */
  readonly label: string
  /** What is in it, made only while it is open. */
  readonly children: (close: () => void) => ComponentChildren
}

/** A button that opens a popover below itself. Escape and a click elsewhere close it; the focus then is on the button again. */
export function Popover({ button, buttonClass, label, children, ...props }: PopoverProps) {
  const id = useId()
  const opener = useRef<HTMLButtonElement>(null)
  const popover = useRef<HTMLDivElement>(null)
  const [isOpen, setOpen] = useState(false)
  const close = (): void => {
    popover.current?.hidePopover()
    opener.current?.focus()
  }
  return (
    <>
      <button
        ref={opener}
        type="button"
        class={`button ${buttonClass}`}
        popovertarget={id}
        aria-haspopup="dialog"
      >
        {button}
      </button>
      <div
        ref={popover}
        id={id}
        class={props.class}
        popover="auto"
        role="dialog"
        aria-label={label}
        onBeforeToggle={() => placeBelow(opener.current, popover.current)}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {isOpen ? children(close) : null}
      </div>
    </>
  )
}
