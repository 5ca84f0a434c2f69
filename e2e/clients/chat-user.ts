import { randomUUID } from 'node:crypto'
import type { ChatSim } from '@poglog/chat-sim'

/** Somebody at a keyboard, in Twitch's chat. */
export class ChatUser {
  readonly login: string
  readonly id: string
  readonly #sim: ChatSim

  constructor(sim: ChatSim, who: { readonly login: string; readonly id: string }) {
    this.#sim = sim
    this.login = who.login
    this.id = who.id
  }

  /** Types a message; returns the line that Twitch sends to everybody. */
  say(channel: { readonly login: string; readonly id: string }, text: string): string {
    const { id, login } = this
    const tags = `color=;display-name=${login};emotes=;id=${randomUUID()};room-id=${channel.id};tmi-sent-ts=${Date.now()};user-id=${id};user-type=`
    const line = `@${tags} :${login}!${login}@${login}.tmi.twitch.tv PRIVMSG #${channel.login} :${text}`
    this.#sim.inject([line])
    return line
  }
}
