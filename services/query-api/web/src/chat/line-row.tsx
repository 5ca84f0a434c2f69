import { memo } from 'preact/compat'
import { Ban, Bell, CornerUpRight, Gift, Info, Megaphone, Trash2 } from 'lucide-preact'
import type { LucideIcon } from 'lucide-preact'
import type { Place } from '../place/place.ts'
import { subjectOfId } from '../place/subject.ts'
import { clockText } from '../place/time.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { drawnBadges } from './badge-names.ts'
import type { Line } from './line.ts'
import { LineText } from './line-text.tsx'
import type { Mark } from './marks.ts'
import { nameColor } from './name-color.ts'
import './line-row.css'

/** How a log shows its lines. */
export interface LineStyle {
  readonly search: string
  /** Whether lines of several channels stand under each other. */
  readonly hasChannel: boolean
}

interface LineRowProps {
  readonly line: Line
  readonly mark: Mark | undefined
  readonly style: LineStyle
}

/** One line of a log. */
export const LineRow = memo(function LineRow({ line, mark, style }: LineRowProps) {
  const kind = line.type === 'event' ? `event ${line.accent.toLowerCase()}` : line.type
  return (
    <div class={`line ${kind}${mark === undefined ? '' : ' removed'}`}>
      {line.reply === undefined ? null : <ReplyTo line={line} />}
      <div class="body">
        <LineTime line={line} />
        {style.hasChannel ? (
          <PlaceLink to={{ channel: line.channel.login, at: line.sentMs }} class="channel">
            #{line.channel.login}
          </PlaceLink>
        ) : null}
        <LineBody line={line} search={style.search} />
        {mark === undefined ? null : <span class="tag bad">{mark}</span>}
        {line.isShared ? <span class="tag">shared chat</span> : null}
      </div>
    </div>
  )
})

/** Where a line can be seen in its context. */
function permalink({ channel, sentMs, id }: Line): Partial<Place> {
  return {
    channel: channel.id === '' ? channel.login : subjectOfId(channel.id),
    at: sentMs,
    message: id === '' ? undefined : id,
  }
}

function LineTime({ line }: { readonly line: Line }) {
  const time = new Date(line.sentMs)
  return (
    <PlaceLink to={permalink(line)} class="time" title={`${time.toUTCString()}: link to this line`}>
      <time datetime={time.toISOString()}>{clockText(line.sentMs)}</time>
    </PlaceLink>
  )
}

function ReplyTo({ line: { reply, channel, sentMs } }: { readonly line: Line }) {
  if (reply === undefined) return null
  // When it was sent is not told; it was not long before.
  const to = { channel: channel.login, at: sentMs, message: reply.messageId }
  return (
    <div class="reply">
      <CornerUpRight size={14} aria-hidden="true" />
      <span class="unseen">In reply to</span> <PlaceLink to={to}>@{reply.name}</PlaceLink>{' '}
      {reply.text}
    </div>
  )
}

interface LineBodyProps {
  readonly line: Line
  readonly search: string
}

function LineBody({ line, search }: LineBodyProps) {
  const { type, text, emotes, channel, sentMs, systemText, isAction } = line
  const mention = { channel: channel.login, at: sentMs }
  const written = <LineText text={text} emotes={emotes} search={search} mention={mention} />
  if (type === 'said') {
    return (
      <>
        <Name line={line} isAction={isAction} />
        <span class={isAction ? 'text action' : 'text'} dir="auto">
          {written}
        </span>
      </>
    )
  }
  const Icon = iconOf(line)
  return (
    <>
      <Icon class="sign" size={15} aria-hidden="true" />
      {type === 'removal' ? <span>A message of </span> : null}
      {type === 'ban' || type === 'notice' || type === 'ledger' ? null : (
        <Name line={line} isAction />
      )}
      {type === 'removal' ? <span> was deleted: </span> : null}
      <span class="system">
        <LineText text={toldOf(line)} search={search} mention={mention} />
      </span>
      {text === '' ? null : (
        <span class="text">{systemText === '' ? written : <> {written}</>}</span>
      )}
    </>
  )
}

function Name({ line, isAction }: { readonly line: Line; readonly isAction: boolean }) {
  const { user, color, channel, sentMs } = line
  if (user.login === '') return null
  // A name in another script is shown with the login that finds it.
  const isOther = user.name.toLowerCase() !== user.login
  return (
    <span class="who">
      {drawnBadges(line).map(({ sign, name, tone }) => (
        <span key={tone} class={`badge ${tone}`} title={name} role="img" aria-label={name}>
          {sign}
        </span>
      ))}
      <span style={{ '--name': nameColor(color, user.login) }}>
        <PlaceLink
          to={{ channel: channel.login, user: user.login, at: sentMs }}
          class="name"
          title={`What ${user.login} wrote around this time`}
        >
          {user.name}
          {isOther ? <span class="login"> ({user.login})</span> : null}
        </PlaceLink>
      </span>
      {isAction ? ' ' : ': '}
    </span>
  )
}

function iconOf({ type, event }: Line): LucideIcon {
  if (type === 'ban') return Ban
  if (type === 'removal') return Trash2
  if (type !== 'event') return Info
  if (event === 'announcement') return Megaphone
  return event.includes('gift') ? Gift : Bell
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/** What Twitch or poglog says; a timeout in units that people use. */
function toldOf({ type, systemText, user, banSeconds }: Line): string {
  if (type !== 'ban' || banSeconds === undefined || user.login === '') return systemText
  return `${user.login} was timed out for ${durationText(banSeconds)}`
}

function durationText(seconds: number): string {
  for (const [size, unit] of [
    [DAY, 'day'],
    [HOUR, 'hour'],
    [MINUTE, 'minute'],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return counted(seconds / size, unit)
  }
  return counted(seconds, 'second')
}

const counted = (count: number, unit: string): string =>
  `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`
