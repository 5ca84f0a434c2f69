import { useAdminChannels, isKeyRefused, useForgetAdmin } from '../api/admin.ts'
import { Failure } from '../ui/failure.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useAdminKey } from './admin-key.ts'
import { Channels } from './channels.tsx'
import { KeyForm } from './key-form.tsx'
import { Replicas } from './replicas.tsx'
import './admin.css'

/** What whoever runs the log may do: see and change the channels, see the replicas. */
export function AdminView() {
  const [key, setKey] = useAdminKey()
  const forgetAnswers = useForgetAdmin()
  const { data, error, refetch } = useAdminChannels(key)
  const refusal = isKeyRefused(error) ? error.message : undefined
  const isAsked = key === undefined || refusal !== undefined
  const forget = (): void => {
    setKey(undefined)
    forgetAnswers()
  }
  return (
    <div class="sections admin">
      <section>
        <div class="row admin-head">
          <h1>Admin</h1>
          {isAsked ? null : (
            <div class="row">
              <a href="/admin/queues">Queues</a>
              <a href="/docs">API reference</a>
              <button type="button" class="button" onClick={forget}>
                Forget key
              </button>
            </div>
          )}
        </div>
        {isAsked ? <KeyForm refusal={refusal} onKey={setKey} /> : null}
        {isAsked || data === undefined || error === null ? null : (
          <p class="bad small" role="status">
            Not told anew: {error.message}
          </p>
        )}
      </section>
      {isAsked || data === undefined ? null : (
        <>
          <Replicas adminKey={key} />
          <Channels channels={data} adminKey={key} />
        </>
      )}
      {isAsked || data !== undefined ? null : (
        <Waiting error={error} onRetry={() => void refetch()} />
      )}
    </div>
  )
}

interface WaitingProps {
  readonly error: unknown
  readonly onRetry: () => void
}

function Waiting({ error, onRetry }: WaitingProps) {
  if (error !== null) return <Failure error={error} onRetry={onRetry} />
  return <Skeleton rows={10} label="Loading the channels" />
}
