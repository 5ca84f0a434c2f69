import { useId, useState } from 'preact/hooks'

interface KeyFormProps {
  /** What the server said to the key before. */
  readonly refusal: string | undefined
  readonly onKey: (key: string) => void
}

/** Asks for the admin key. */
export function KeyForm({ refusal, onKey }: KeyFormProps) {
  const id = useId()
  const [key, setKey] = useState('')
  const open = (event: Event): void => {
    event.preventDefault()
    if (key !== '') onKey(key)
  }
  return (
    <form class="key-form" onSubmit={open}>
      <label class="key-label">
        Admin key
        <input
          class="field"
          type="password"
          name="admin-key"
          autocomplete="current-password"
          value={key}
          aria-invalid={refusal !== undefined}
          aria-describedby={id}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
      </label>
      <button type="submit" class="button primary">
        Open
      </button>
      <p id={id} class="key-refusal" role="alert">
        {refusal === undefined ? '' : `The server did not take this key: ${refusal}.`}
      </p>
      <p class="quiet small">
        The key is one of ADMIN_API_KEY or ADMIN_API_KEYS_FILE of the server. It is kept in this tab
        alone, until you forget it or close the tab.
      </p>
    </form>
  )
}
