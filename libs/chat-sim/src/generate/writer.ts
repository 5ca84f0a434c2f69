import type { Random } from '../random.ts'
import { TextBuilder } from './text-builder.ts'
import type { MessageText } from './text-builder.ts'
import * as vocabulary from './vocabulary.ts'
import type { Emote, NonEmpty, Word } from './vocabulary.ts'

/** Twitch cuts at 500 characters. */
const TEXT_CODE_POINTS_MAX = 480
const STRETCHED = /([a-z!?])$/

/** What a writer knows about the channel. */
export interface Topic {
  readonly emotes: NonEmpty<Emote>
  /** Someone to talk to; `undefined` in an empty room. */
  readonly addressee: string | undefined
}

type Shape = (random: Random, topic: Topic) => TextBuilder

/** How often each kind of message is written, in parts of the sum. */
const SHAPES: readonly (readonly [number, Shape])[] = [
  [20, writeEmotes],
  [16, writeShort],
  [34, writeSentence],
  [9, writeMention],
  [5, writeSpam],
  [3, writeForeign],
  [3, writeShout],
  [1.2, writeSymbols],
  [2, writeCommand],
  [0.7, writeLink],
  [0.7, writeEssay],
]
const SHAPES_SUM = SHAPES.reduce((sum, [weight]) => sum + weight, 0)

/** Writes a message of its own, as long and as mixed as real ones. */
export function writeText(random: Random, topic: Topic): MessageText {
  let draw = random.unit() * SHAPES_SUM
  for (const [weight, write] of SHAPES) {
    draw -= weight
    if (draw < 0) return write(random, topic).build()
  }
  return writeSentence(random, topic).build()
}

/** An answer begins with the name of who is answered. */
export function writeReply(random: Random, topic: Topic, to: string): MessageText {
  const text = new TextBuilder().word(vocabulary.toWord(`@${to}`))
  addWords(text, random, random.between(1, 9))
  return (random.chance(0.25) ? addEmote(text, random, topic) : text).build()
}

/** A cheer names its bits in the text, too. */
export function writeCheer(random: Random, bits: number): MessageText {
  const text = new TextBuilder().word(vocabulary.toWord(`Cheer${bits}`))
  return addWords(text, random, random.between(0, 9)).build()
}

/** Picks the n-th word `1/n` as often as the first. */
function zipf<T>(random: Random, items: NonEmpty<T>): T {
  return items[Math.floor((items.length + 1) ** random.unit()) - 1] ?? items[0]
}

function addEmote(text: TextBuilder, random: Random, topic: Topic): TextBuilder {
  const draw = random.unit()
  if (draw < 0.62) return text.word(zipf(random, vocabulary.THIRD_PARTY_EMOTES))
  return text.emote(zipf(random, draw < 0.84 ? topic.emotes : vocabulary.GLOBAL_EMOTES))
}

function writeEmotes(random: Random, topic: Topic): TextBuilder {
  const text = new TextBuilder()
  const times = random.chance(0.7) ? 1 : random.between(2, 4)
  addEmote(text, random, topic)
  for (let time = 1; time < times; time++) addEmote(text, random, topic)
  return text
}

function writeShort(random: Random, topic: Topic): TextBuilder {
  const text = new TextBuilder().word(stretched(random, zipf(random, vocabulary.SHORT)))
  return random.chance(0.15) ? addEmote(text, random, topic) : text
}

function writeSentence(random: Random, topic: Topic): TextBuilder {
  const text = new TextBuilder()
  const length = 2 + Math.floor(-Math.log(1 - random.unit()) * 4.2)
  addWords(text, random, length)
  return random.chance(0.33) ? addEmote(text, random, topic) : text
}

function writeMention(random: Random, topic: Topic): TextBuilder {
  const text = new TextBuilder()
  if (topic.addressee !== undefined) text.word(vocabulary.toWord(`@${topic.addressee}`))
  return addWords(text, random, random.between(1, 10))
}

/** The same few words over and over, up to the end of the line. */
function writeSpam(random: Random, topic: Topic): TextBuilder {
  const phrase = Array.from({ length: random.between(1, 3) }, () => zipf(random, vocabulary.COMMON))
  const emote = random.chance(0.5) ? zipf(random, topic.emotes) : undefined
  const word = zipf(random, vocabulary.THIRD_PARTY_EMOTES)
  const end = random.between(20, random.chance(0.3) ? TEXT_CODE_POINTS_MAX - 60 : 150)
  const text = new TextBuilder()
  while (text.codePoints < end) {
    for (const part of phrase) text.word(part)
    if (emote === undefined) text.word(word)
    else text.emote(emote)
  }
  return text
}

function writeForeign(random: Random, topic: Topic): TextBuilder {
  const language = zipf(random, vocabulary.LANGUAGES)
  const text = new TextBuilder()
  for (let left = random.between(1, 7); left > 0; left--) text.word(zipf(random, language))
  return random.chance(0.2) ? addEmote(text, random, topic) : text
}

function writeShout(random: Random, topic: Topic): TextBuilder {
  const text = new TextBuilder()
  for (let left = random.between(1, 5); left > 0; left--) {
    const { text: word, codePoints } = zipf(random, vocabulary.COMMON)
    text.word({ text: word.toUpperCase(), codePoints })
  }
  return random.chance(0.4) ? addEmote(text, random, topic) : text
}

function writeSymbols(random: Random, topic: Topic): TextBuilder {
  const text = new TextBuilder()
  const symbol = zipf(random, vocabulary.SYMBOLS)
  for (let left = random.between(1, 4); left > 0; left--) text.word(symbol)
  return random.chance(0.4) ? addEmote(text, random, topic) : text
}

function writeCommand(random: Random): TextBuilder {
  const text = new TextBuilder().word(zipf(random, vocabulary.COMMANDS))
  return random.chance(0.3) ? text.word(vocabulary.toWord(String(random.below(1000)))) : text
}

function writeLink(random: Random): TextBuilder {
  const name = `${random.bits().toString(36)}${random.bits().toString(36)}`
  return new TextBuilder().word(vocabulary.toWord(`${random.pick(vocabulary.LINKS)}${name}`))
}

function writeEssay(random: Random): TextBuilder {
  return addWords(new TextBuilder(), random, random.between(25, 70))
}

function addWords(text: TextBuilder, random: Random, count: number): TextBuilder {
  for (let left = count; left > 0 && text.codePoints < TEXT_CODE_POINTS_MAX; left--) {
    const draw = random.unit()
    if (draw < 0.85) text.word(zipf(random, vocabulary.COMMON))
    else if (draw < 0.92) text.word(random.pick(vocabulary.COMMON))
    else if (draw < 0.97) text.word(zipf(random, vocabulary.NAMES))
    else text.word(typo(random, random.pick(vocabulary.COMMON)))
  }
  return text
}

function stretched(random: Random, word: Word): Word {
  if (!random.chance(0.15)) return word
  const times = random.between(1, 8)
  const text = word.text.replace(STRETCHED, (last) => last.repeat(times + 1))
  return text === word.text ? word : vocabulary.toWord(text)
}

/** Two letters swapped, or one left out. */
function typo(random: Random, { text }: Word): Word {
  const at = random.below(text.length)
  const swapped = `${text.slice(0, at)}${text.charAt(at + 1)}${text.charAt(at)}${text.slice(at + 2)}`
  return vocabulary.toWord(
    random.chance(0.6) ? swapped : text.slice(0, at) + text.slice(at + 1) || text,
  )
}
