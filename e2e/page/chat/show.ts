import { cleared, deleted, noticed, said } from './lines.ts'
import type { KnownLine, Scene } from './lines.ts'
import { BAY, BENJI, GRUMP, KIRI, MIRA, MOSS, NOOR, OTTO, SPAMMER } from './people.ts'
import type { Who } from './people.ts'

const SECOND_MS = 1000

/** One line of everything, said within a minute, by the name that tests call it. */
export type Show = ReturnType<typeof showOf>

/** @param startMs when the first line is said; one more a second. */
export function showOf(startMs: number) {
  let second = 0
  const nextMs = (): number => startMs + second++ * SECOND_MS
  const at = (user: Who, channel = BAY): Scene => ({ channel, user, sentAtMs: nextMs() })

  const question = said(at(MIRA), 'who lit the old lantern? Kappa')
  const answer = said(at(OTTO), 'the keeper did, at dusk', { replyTo: question })
  const action = said(at(KIRI), 'waves at the boats', { isAction: true })
  const white = said(at(NOOR), 'a white name on a white page')
  const plain = said(at(BENJI), 'no colour was ever chosen here')
  const emotes = said(at(OTTO), 'Kappa 🎉 Kappa and LUL')
  const rightToLeft = said(at(NOOR), 'שלום לכולם، مرحبا بالجميع')
  const emoji = said(at(KIRI), '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 all of us')
  const longWord = said(at(BENJI), `a${'a'.repeat(380)}h`)
  const link = said(at(MIRA), 'the tide table: https://tides.example/bay?day=1&unit=m')
  const markup = said(at(NOOR), '<b>bold</b> & <img src=x onerror=alert(1)> "quoted"')
  const sub = noticed(at(BENJI), {
    kind: 'sub',
    systemMessage: 'Benji subscribed at Tier 1.',
    params: ['msg-param-cumulative-months=1', 'msg-param-sub-plan=1000'],
  })
  const resub = noticed(at(KIRI), {
    kind: 'resub',
    systemMessage: "キリ空 subscribed at Tier 1. They've subscribed for 3 months!",
    text: 'three months by the sea',
    params: ['msg-param-cumulative-months=3', 'msg-param-sub-plan=1000'],
  })
  const gift = noticed(at(MIRA), {
    kind: 'subgift',
    systemMessage: 'Mira_K gifted a Tier 1 sub to Otto_77!',
    params: [
      'msg-param-recipient-display-name=Otto_77',
      `msg-param-recipient-id=${OTTO.id}`,
      'msg-param-recipient-user-name=otto_77',
    ],
  })
  const announcement = noticed(at(MIRA), {
    kind: 'announcement',
    text: 'the boats leave at nine',
    params: ['msg-param-color=PRIMARY'],
  })
  const raid = noticed(at(NOOR), {
    kind: 'raid',
    systemMessage: '42 raiders from noor_x have joined!',
    params: ['msg-param-login=noor_x', 'msg-param-viewerCount=42'],
  })
  const rude = said(at(GRUMP), 'this lantern is the worst one')
  const timeout = cleared(at(GRUMP), 600)
  const spoiler = said(at(BENJI), 'the ending is a boat')
  const deletion = deleted(spoiler, nextMs())
  const spam = said(at(SPAMMER), 'free follows here')
  const ban = cleared(at(SPAMMER))
  const original = said(at(OTTO, MOSS), 'two gardens, one stream')
  const copy = said({ ...original, channel: BAY }, original.text, { copyOf: original })
  return {
    question,
    answer,
    action,
    white,
    plain,
    emotes,
    rightToLeft,
    emoji,
    longWord,
    link,
    markup,
    sub,
    resub,
    gift,
    announcement,
    raid,
    rude,
    timeout,
    spoiler,
    deletion,
    spam,
    ban,
    original,
    copy,
  } satisfies Record<string, KnownLine>
}
