import { useId, useState } from 'preact/hooks'
import { CODE_SECONDS, useOptOutCode } from '../api/opt-out.ts'
import { Failure } from '../ui/failure.tsx'
import { WISHES, WISH_TEXT, commandText } from './command.ts'
import type { Wish } from './command.ts'
import { CopyButton } from './copy-button.tsx'
import { useSecondsLeft } from './use-seconds-left.ts'

/** Gets a code, and shows what to type in chat for as long as it is good. */
export function GetCode() {
  const [wish, setWish] = useState<Wish>('optout')
  const { data, error, isPending, mutate } = useOptOutCode()
  return (
    <div class="get-code">
      <fieldset class="wishes">
        <legend class="unseen">What you want</legend>
        {WISHES.map((one) => (
          <label key={one} class="wish">
            <input type="radio" name="wish" checked={wish === one} onChange={() => setWish(one)} />
            {WISH_TEXT[one]}
          </label>
        ))}
      </fieldset>
      {data === undefined ? null : (
        <Code key={data.code} text={commandText(wish, data.code)} endMs={data.endMs} />
      )}
      {error === null ? null : <Failure error={error} onRetry={() => mutate()} />}
      <div class="row">
        <button
          type="button"
          class={data === undefined ? 'button primary' : 'button'}
          disabled={isPending}
          onClick={() => mutate()}
        >
          {data === undefined ? 'Get a code' : 'Get another code'}
        </button>
      </div>
    </div>
  )
}

function Code({ text, endMs }: { readonly text: string; readonly endMs: number }) {
  const left = useSecondsLeft(endMs)
  return (
    <>
      {left > 0 ? <Command text={text} left={left} /> : null}
      <p role="status" class={left > 0 ? 'unseen' : ''}>
        {left > 0
          ? 'The code is here, it is good for a minute.'
          : 'The code is no longer good. If you did not type it in time, get another one.'}
      </p>
    </>
  )
}

function Command({ text, left }: { readonly text: string; readonly left: number }) {
  const id = useId()
  return (
    <div class="command">
      <p class="small quiet">Type this in the chat of a logged channel</p>
      <div class="command-line">
        <input
          id={id}
          class="field"
          aria-label="What to type"
          readOnly
          value={text}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <CopyButton text={text} fieldId={id} />
      </div>
      <progress class="command-time" max={CODE_SECONDS} value={left} aria-label="Seconds left" />
      <p class="small quiet" aria-hidden="true">
        Good once, for {left} s
      </p>
    </div>
  )
}
