import { GetCode } from './get-code.tsx'
import './opt-out.css'

/** What is stored of somebody, and how they say that they do not want it. */
export function OptOutView() {
  return (
    <div class="sections opt-out">
      <section>
        <h1>Opting out</h1>
        <p>
          This page shows what is said in the public chat of some Twitch channels: each message with
          its time, the name and id of who sent it, their badges and colour, and who was banned or
          timed out. If you do not want yours to be here, say so in chat. Twitch vouches for who you
          are, so no login is needed.
        </p>
        <ol class="steps">
          <li>Get a code.</li>
          <li>Type the command with it in the chat of any channel that is logged here.</li>
          <li>
            Nobody answers in chat. A few seconds later your name here says that you opted out.
          </li>
        </ol>
        <GetCode />
      </section>
      <Answers />
    </div>
  )
}

function Answers() {
  return (
    <section aria-labelledby="opt-out-answers">
      <h2 id="opt-out-answers">What happens then</h2>
      <dl class="answers">
        <dt>You opt out</dt>
        <dd>
          Nothing of you is shown any more, on this page and in every other answer and count, what
          you said before included; and nothing new is stored. Bans and deleted messages of you go
          too. What others say about you or reply to you is theirs, and stays.
        </dd>
        <dt>You opt your channel out</dt>
        <dd>
          The channel is left, and its whole log is hidden. Your own opt-out alone leaves your
          channel logged: the chat of others is not yours.
        </dd>
        <dt>You want to be in again</dt>
        <dd>
          Get a code and type <code>!poglog optin CODE</code>, or{' '}
          <code>!poglog optin channel CODE</code> for your channel; that one in the chat of another
          channel, as yours is not read. What was said before is shown again, unless it was erased.
          What was said in between was not stored.
        </dd>
        <dt>You want to be forgotten</dt>
        <dd>
          Opting out hides what is stored, it does not erase it. Ask whoever runs this page to erase
          it as well: it is then removed for good, from the archive too. Do both, so that nothing
          new is stored afterwards.
        </dd>
        <dt>You cannot type in chat</dt>
        <dd>Ask whoever runs this page: an admin can opt you out, or your channel, by name.</dd>
        <dt>It is still shown somewhere</dt>
        <dd>
          A browser may show its own copy for up to an hour, and pages of ended days that use the
          older addresses for up to ten.
        </dd>
      </dl>
      <p class="small">
        <a href="/docs">API reference</a>
      </p>
    </section>
  )
}
