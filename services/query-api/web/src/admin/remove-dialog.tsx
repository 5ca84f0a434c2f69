import { useEffect, useRef } from 'preact/hooks'
import { useChangeChannels } from '../api/admin.ts'

interface RemoveDialogProps {
  readonly login: string
  readonly adminKey: string
  readonly onClose: () => void
}

/** Asks before a channel is logged no longer. */
export function RemoveDialog({ login, adminKey, onClose }: RemoveDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { error, isPending, mutate } = useChangeChannels(adminKey)
  useEffect(() => dialog.current?.showModal(), [])
  // Digits alone would be an id.
  const remove = (): void =>
    mutate({ method: 'DELETE', channels: [`login:${login}`] }, { onSuccess: onClose })
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="remove-title" onClose={onClose}>
      <h2 id="remove-title">Stop logging #{login}?</h2>
      <p class="quiet">Its logs stay.</p>
      {error === null ? null : (
        <p class="bad small" role="alert">
          {error.message}
        </p>
      )}
      <div class="row">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button type="button" class="button danger" disabled={isPending} onClick={remove}>
          Stop logging
        </button>
      </div>
    </dialog>
  )
}
