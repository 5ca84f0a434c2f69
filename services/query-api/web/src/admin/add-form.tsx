import { useId, useState } from 'preact/hooks'
import { useChangeChannels } from '../api/admin.ts'
import { countText } from '../ui/number.ts'
import { namesProblem, readNames } from './names.ts'

/** Takes the names of channels to log. */
export function AddForm({ adminKey }: { readonly adminKey: string }) {
  const id = useId()
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string>()
  const { data: unknownIds, error, isPending, variables, mutate } = useChangeChannels(adminKey)
  const add = (event: Event): void => {
    event.preventDefault()
    const names = readNames(text)
    const wrong = namesProblem(names)
    setProblem(wrong)
    if (wrong !== undefined) return
    mutate({ method: 'POST', channels: names.names }, { onSuccess: () => setText('') })
  }
  const added = (variables?.channels.length ?? 0) - (unknownIds?.length ?? 0)
  return (
    <form class="add-form" onSubmit={add}>
      <textarea
        class="field"
        rows={1}
        aria-label="Channels to log"
        placeholder="forsen, nymn, 22484632"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        aria-invalid={problem !== undefined}
        aria-describedby={id}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit" class="button primary" disabled={isPending}>
        Log channels
      </button>
      <div id={id} class="small" role="status">
        {problem === undefined ? null : <p class="bad">{problem}</p>}
        {problem === undefined && error !== null ? <p class="bad">{error.message}</p> : null}
        {unknownIds === undefined || added === 0 ? null : (
          <p>{countText(added, 'channel')} will be logged from now on.</p>
        )}
        {unknownIds === undefined || unknownIds.length === 0 ? null : (
          <p class="bad">
            No login is known of {unknownIds.join(', ')}: add them by login. Twitch chat is joined
            by login.
          </p>
        )}
      </div>
    </form>
  )
}
