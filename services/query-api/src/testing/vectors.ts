import { recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'

/** A line, and what rustlog's text, tags and other JSON fields of it are. */
export interface Vector {
  readonly name: string
  readonly line: string
  readonly text: string
  readonly tags: Readonly<Record<string, string>>
  readonly rest: Readonly<Record<string, string | number>>
}

const ID = '11111111-1111-4111-8111-00000000000'

/** One line of each kind that rustlog writes in a way of its own. */
export const VECTORS: readonly Vector[] = [
  {
    name: 'V1 plain PRIVMSG (zero flags vanish)',
    line: `@badge-info=subscriber/13;badges=vip/1,subscriber/12;color=#1e90ff;display-name=Carol;emotes=;first-msg=0;flags=;id=${ID}1;mod=0;returning-chatter=0;room-id=30;subscriber=1;tmi-sent-ts=1709251274940;turbo=0;user-id=5;user-type=;vip=1 :carol!carol@carol.tmi.twitch.tv PRIVMSG #big :hello  world`,
    text: '[2024-03-01 00:01:14] #big carol: hello  world',
    tags: {
      'tmi-sent-ts': '1709251274940',
      subscriber: '1',
      vip: '1',
      id: `${ID}1`,
      'room-id': '30',
      'user-id': '5',
      'display-name': 'Carol',
      badges: 'vip/1,subscriber/12',
      'badge-info': 'subscriber/13',
      color: '#1E90FF',
      flags: '',
      'user-type': '',
      emotes: '',
    },
    rest: {
      text: 'hello  world',
      displayName: 'Carol',
      timestamp: '2024-03-01T00:01:14.940Z',
      id: `${ID}1`,
      username: 'carol',
      channel: 'big',
      type: 1,
    },
  },
  {
    name: 'V2 ACTION, no colour, whole second',
    line: `@badge-info=;badges=;color=;display-name=Bob;emotes=;flags=;id=${ID}2;mod=0;room-id=10;subscriber=0;tmi-sent-ts=1700000005000;turbo=0;user-id=2;user-type= :bob!bob@bob.tmi.twitch.tv PRIVMSG #chan :\u0001ACTION waves hi\u0001`,
    text: '[2023-11-14 22:13:25] #chan bob: waves hi',
    tags: {
      'tmi-sent-ts': '1700000005000',
      id: `${ID}2`,
      'room-id': '10',
      'user-id': '2',
      'display-name': 'Bob',
      badges: '',
      'badge-info': '',
      flags: '',
      'user-type': '',
      emotes: '',
    },
    rest: {
      text: 'waves hi',
      displayName: 'Bob',
      timestamp: '2023-11-14T22:13:25Z',
      id: `${ID}2`,
      username: 'bob',
      channel: 'chan',
      type: 1,
    },
  },
  {
    name: 'V3 one-word text that starts with a colon',
    line: `@badge-info=;badges=;color=#0090FF;display-name=Bob;emotes=;flags=;id=${ID}3;mod=1;room-id=10;subscriber=0;tmi-sent-ts=1700000005001;turbo=0;user-id=2;user-type=mod :bob!bob@bob.tmi.twitch.tv PRIVMSG #chan ::)`,
    text: '[2023-11-14 22:13:25] #chan bob: :)',
    tags: {
      'tmi-sent-ts': '1700000005001',
      mod: '1',
      id: `${ID}3`,
      'room-id': '10',
      'user-id': '2',
      'display-name': 'Bob',
      badges: '',
      'badge-info': '',
      color: '#0090FF',
      flags: '',
      'user-type': 'mod',
      emotes: '',
    },
    rest: {
      text: ':)',
      displayName: 'Bob',
      timestamp: '2023-11-14T22:13:25.001Z',
      id: `${ID}3`,
      username: 'bob',
      channel: 'chan',
      type: 1,
    },
  },
  {
    name: 'V4 reply with escaped tag value',
    line: `@badge-info=;badges=;color=#FF0000;display-name=Ann;emotes=;flags=;id=${ID}4;mod=0;reply-parent-msg-body=a\\sb\\:c;reply-parent-user-login=bob;room-id=10;subscriber=0;tmi-sent-ts=1700000006120;turbo=0;user-id=3;user-type= :ann!ann@ann.tmi.twitch.tv PRIVMSG #chan :@Bob ok`,
    text: '[2023-11-14 22:13:26] #chan ann: @Bob ok',
    tags: {
      'tmi-sent-ts': '1700000006120',
      id: `${ID}4`,
      'room-id': '10',
      'user-id': '3',
      'display-name': 'Ann',
      badges: '',
      'badge-info': '',
      color: '#FF0000',
      flags: '',
      'user-type': '',
      emotes: '',
      'reply-parent-msg-body': 'a b;c',
      'reply-parent-user-login': 'bob',
    },
    rest: {
      text: '@Bob ok',
      displayName: 'Ann',
      timestamp: '2023-11-14T22:13:26.120Z',
      id: `${ID}4`,
      username: 'ann',
      channel: 'chan',
      type: 1,
    },
  },
  {
    name: 'V5 USERNOTICE resub with user text',
    line: `@badge-info=subscriber/19;badges=subscriber/18;color=#8A2BE2;display-name=Carol;emotes=;flags=;id=${ID}5;login=carol;mod=0;msg-id=resub;msg-param-cumulative-months=19;room-id=30;subscriber=1;system-msg=Carol\\shas\\sresubscribed\\sfor\\s19\\smonths!;tmi-sent-ts=1709251275960;user-id=5;user-type= :tmi.twitch.tv USERNOTICE #big :still here`,
    text: '[2024-03-01 00:01:15] #big carol: Carol has resubscribed for 19 months! still here',
    tags: {
      'tmi-sent-ts': '1709251275960',
      subscriber: '1',
      id: `${ID}5`,
      'room-id': '30',
      'user-id': '5',
      login: 'carol',
      'display-name': 'Carol',
      badges: 'subscriber/18',
      'badge-info': 'subscriber/19',
      color: '#8A2BE2',
      flags: '',
      'user-type': '',
      emotes: '',
      'msg-id': 'resub',
      'msg-param-cumulative-months': '19',
      'system-msg': 'Carol has resubscribed for 19 months!',
    },
    rest: {
      text: 'Carol has resubscribed for 19 months! still here',
      displayName: 'Carol',
      timestamp: '2024-03-01T00:01:15.960Z',
      id: `${ID}5`,
      username: 'carol',
      channel: 'big',
      type: 4,
    },
  },
]

/** The record of a line; `channelId` for lines that do not say it. */
export function recordOfLine(line: string, channelId = '10', receivedAtMs = 0): LogRecord {
  const record = recordFromLine(line, { channelId, receivedAtMs })
  if (record === undefined) throw new Error(`no record: ${line}`)
  return record
}
