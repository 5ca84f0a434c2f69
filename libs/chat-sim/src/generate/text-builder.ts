import type { Emote, Word } from './vocabulary.ts'

/** The text of a message with the emotes Twitch finds in it. */
export interface MessageText {
  readonly text: string
  /** The value of the `emotes` tag: `id:first-last,first-last/id:...` in code points, both ends inclusive. */
  readonly emotes: string
  readonly isEmoteOnly: boolean
}

/** Puts words together and keeps count of code points. */
export class TextBuilder {
  #text = ''
  #codePoints = 0
  #hasWords = false
  readonly #ranges = new Map<string, string>()

  get codePoints(): number {
    return this.#codePoints
  }

  word(word: Word): this {
    this.#hasWords = true
    return this.#append(word)
  }

  emote(emote: Emote): this {
    const start = this.#codePoints === 0 ? 0 : this.#codePoints + 1
    const range = `${start}-${start + emote.codePoints - 1}`
    const earlier = this.#ranges.get(emote.id)
    this.#ranges.set(emote.id, earlier === undefined ? range : `${earlier},${range}`)
    return this.#append(emote)
  }

  build(): MessageText {
    let emotes = ''
    for (const [id, ranges] of this.#ranges) emotes += `${emotes === '' ? '' : '/'}${id}:${ranges}`
    return { text: this.#text, emotes, isEmoteOnly: !this.#hasWords && emotes !== '' }
  }

  #append({ text, codePoints }: Word): this {
    if (this.#codePoints > 0) {
      this.#text += ' '
      this.#codePoints++
    }
    this.#text += text
    this.#codePoints += codePoints
    return this
  }
}
