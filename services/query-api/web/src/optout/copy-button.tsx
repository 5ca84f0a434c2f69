import { Check, Copy } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'

interface CopyButtonProps {
  readonly text: string
  /** The field that shows the text: it is selected where the browser does not let the page copy. */
  readonly fieldId: string
}

type Copied = 'no' | 'yes' | 'selected'

const TEXT: Readonly<Record<Copied, string>> = {
  no: 'Copy',
  yes: 'Copied',
  selected: 'Selected',
}

/** Copies a text. Without https a browser allows it only on this machine, so that it may select it only. */
export function CopyButton({ text, fieldId }: CopyButtonProps) {
  const [copied, setCopied] = useState<Copied>('no')
  useEffect(() => setCopied('no'), [text])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied('yes')
    } catch {
      // Not allowed, or there is no clipboard.
      const field = document.getElementById(fieldId)
      if (field instanceof HTMLInputElement) field.focus()
      setCopied('selected')
    }
  }
  const Icon = copied === 'yes' ? Check : Copy
  return (
    <button type="button" class="button" onClick={() => void copy()}>
      <Icon size={16} aria-hidden="true" />
      <span aria-live="polite">{TEXT[copied]}</span>
    </button>
  )
}
