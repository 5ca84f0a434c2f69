import { Search } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { useChannelNames } from './api/channels.ts'
import { useShownName } from './api/names.ts'
import { readSubject } from './place/subject.ts'
import type { Subject } from './place/subject.ts'
import { usePlace } from './place/use-place.tsx'

const CHANNEL_LIST = 'channel-names'

/** Where somebody says whose log they want: a channel, a user, or a user in a channel. */
export function Finder() {
  const [place, go] = usePlace()
  const shownChannel = useShownName('channel', place.channel) ?? ''
  const shownUser = useShownName('user', place.user) ?? ''
  const [channel, setChannel] = useState(shownChannel)
  const [user, setUser] = useState(shownUser)
  const [isWrong, setWrong] = useState(false)
  const [isTyping, setTyping] = useState(false)
  const names = useChannelNames(channel, isTyping)
  useEffect(() => {
    setChannel(shownChannel)
    setUser(shownUser)
    setWrong(false)
  }, [shownChannel, shownUser])

  const open = (event: Event): void => {
    event.preventDefault()
    // Who is left as they are stays known by their id.
    const wanted = {
      channel: channel === shownChannel ? (place.channel ?? '') : subjectOf(channel),
      user: user === shownUser ? (place.user ?? '') : subjectOf(user),
    }
    const isNobody = wanted.channel === '' && wanted.user === ''
    setWrong(isNobody || wanted.channel === undefined || wanted.user === undefined)
    if (isNobody || wanted.channel === undefined || wanted.user === undefined) return
    const view = place.view === 'words' || place.view === 'coverage' ? place.view : 'log'
    go({ view, channel: wanted.channel || undefined, user: wanted.user || undefined })
  }
  return (
    <form class="finder" role="search" onSubmit={open}>
      <NameField
        name="channel"
        list={CHANNEL_LIST}
        value={channel}
        isWrong={isWrong && subjectOf(channel) === undefined}
        onFocus={() => setTyping(true)}
        onType={setChannel}
      />
      <datalist id={CHANNEL_LIST}>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
      <NameField
        name="user"
        value={user}
        isWrong={isWrong && subjectOf(user) === undefined}
        onType={setUser}
      />
      <button type="submit" class="button icon-only" aria-label="Open">
        <Search size={18} aria-hidden="true" />
      </button>
      <span class="unseen" role="status">
        {isWrong ? 'Give a channel or a user: a login, or id: and a number' : ''}
      </span>
    </form>
  )
}

interface NameFieldProps {
  readonly name: 'channel' | 'user'
  readonly value: string
  readonly isWrong: boolean
  readonly list?: string
  readonly onFocus?: () => void
  readonly onType: (text: string) => void
}

function NameField({ name, value, isWrong, list, onFocus, onType }: NameFieldProps) {
  return (
    <input
      class="field"
      name={name}
      aria-label={name === 'channel' ? 'Channel' : 'User'}
      placeholder={name}
      list={list}
      autocomplete="off"
      autocapitalize="none"
      spellcheck={false}
      value={value}
      aria-invalid={isWrong}
      onFocus={onFocus}
      onInput={({ currentTarget }) => onType(currentTarget.value)}
    />
  )
}

/** Nothing where nothing was typed, `undefined` where it is no name. */
function subjectOf(text: string): Subject | undefined {
  return text.trim() === '' ? '' : readSubject(text)
}
