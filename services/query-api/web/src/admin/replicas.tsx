import { useFleet } from '../api/admin.ts'
import type { Fleet, FleetReplica } from '../api/admin.ts'
import { clockText, dayText } from '../place/time.ts'
import { durationText } from '../ui/duration.ts'
import { Failure } from '../ui/failure.tsx'
import { countText, numberText } from '../ui/number.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { rateText } from './rate-text.ts'

/** A replica is heard of every second, and taken for dead after ten. */
const LATE_MS = 3000

/** The replicas that receive, and how each of them does. */
export function Replicas({ adminKey }: { readonly adminKey: string }) {
  const { data, error, refetch } = useFleet(adminKey)
  return (
    <section aria-labelledby="admin-replicas">
      <h2 id="admin-replicas">
        Replicas <span class="quiet">{data === undefined ? '' : data.replicas.length}</span>
      </h2>
      {data === undefined ? null : <ReplicaTable fleet={data} />}
      {data === undefined && error === null ? (
        <Skeleton rows={2} label="Loading the replicas" />
      ) : null}
      {data !== undefined || error === null ? null : (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </section>
  )
}

function ReplicaTable({
  fleet: { now, replicas, lostPending, lostDropped },
}: {
  readonly fleet: Fleet
}) {
  if (replicas.length === 0) return <p class="bad">No replica runs: nothing is received.</p>
  return (
    <>
      <div class="table-scroll">
        <table class="table admin-table">
          <caption class="unseen">Replicas; times are UTC</caption>
          <thead>
            <tr>
              <th scope="col">Replica</th>
              <th scope="col">Since (UTC)</th>
              <th scope="col">Last heard</th>
              <th scope="col" class="number">
                Channels
              </th>
              <th scope="col" class="number">
                Messages/min
              </th>
              <th scope="col" class="number">
                Slots
              </th>
              <th scope="col" class="number">
                Busy
              </th>
            </tr>
          </thead>
          <tbody>
            {replicas.map((replica) => (
              <ReplicaRow key={replica.replica} replica={replica} now={now} />
            ))}
          </tbody>
        </table>
      </div>
      <Lost pending={lostPending} dropped={lostDropped} />
    </>
  )
}

function ReplicaRow({ replica, now }: { readonly replica: FleetReplica; readonly now: number }) {
  const { joinedAt, lastBeatAt, slots, load } = replica
  const silentMs = now - lastBeatAt
  const joining = slots.joining === 0 ? '' : ` + ${numberText(slots.joining)} joining`
  return (
    <tr>
      <th scope="row">
        {replica.replica}
        {replica.isLeaving ? <span class="quiet"> leaving</span> : null}
      </th>
      <td>
        {dayText(joinedAt)} {clockText(joinedAt)}
      </td>
      <td class={silentMs > LATE_MS ? 'bad' : undefined}>
        {silentMs > LATE_MS ? `late: ${durationText(silentMs)} ago` : 'just now'}
      </td>
      <td class="number">{numberText(replica.channels)}</td>
      <td class="number">{rateText(replica.messagesPerMinute)}</td>
      <td class="number">
        {numberText(slots.holding)}
        {joining}
      </td>
      <td class="number">{Math.round(load.utilisation * 100)}%</td>
    </tr>
  )
}

function Lost({ pending, dropped }: { readonly pending: number; readonly dropped: number }) {
  if (pending === 0 && dropped === 0) return null
  return (
    <p class="small quiet">
      {pending === 0
        ? ''
        : `${countText(pending, 'dead replica')} whose gaps are yet to be recorded. `}
      {dropped === 0
        ? ''
        : `${countText(dropped, 'dead replica')} whose gaps were too many to record.`}
    </p>
  )
}
