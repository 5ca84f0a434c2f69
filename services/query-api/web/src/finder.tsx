import { Search } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { useChannelNames } from './api/channels.ts'
import { readSubject } from './place/subject.ts'
import type { Subject } from './place/subject.ts'
import { usePlace } from './place/use-place.tsx'

const CHANNEL_LIST = 'channel-names'

/** Where somebody says whose log they want: a channel, a user, or a user in a channel. */
export function Finder() {
  const [place, go] = usePlace()
  const [channel, setChannel] = useState(place.channel ?? '')
  const [user, setUser] = useState(place.user ?? '')
  const [isWrong, setWrong] = useState(false)
  const [isTyping, setTyping] = useState(false)
  const names = useChannelNames(channel, isTyping)
  useEffect(() => {
    setChannel(place.channel ?? '')
    setUser(place.user ?? '')
    setWrong(false)
  }, [place.channel, place.user])

  const open = (event: Event): void => {
    event.preventDefault()
    const wanted = { channel: subjectOf(channel), user: subjectOf(user) }
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
