/** Lines as Twitch sends them, made up: one of every command and of every kind of USERNOTICE. */

const USER =
  'badge-info=subscriber/14;badges=moderator/1,subscriber/12;color=#1E90FF;display-name=Mara'
const SOURCE = ':mara!mara@mara.tmi.twitch.tv'
const ID = 'id=0f1e2d3c-4b5a-4697-8879-6a5b4c3d2e1f'
const SENT = 'tmi-sent-ts=1795250000123'

export const PRIVMSG = `@${USER};emotes=25:0-4;first-msg=0;flags=;${ID};mod=1;returning-chatter=0;room-id=1001;subscriber=1;${SENT};turbo=0;user-id=2002;user-type=mod ${SOURCE} PRIVMSG #pixelpond :Kappa hello there`

function userNotice(messageType: string, params: string, text = ''): string {
  return `@${USER};emotes=;flags=;${ID};login=mara;mod=0;msg-id=${messageType};${params};room-id=1001;subscriber=1;system-msg=Mara\\sdid\\sit!;${SENT};user-id=2002;user-type= :tmi.twitch.tv USERNOTICE #pixelpond${text}`
}

const PLAN = 'msg-param-sub-plan-name=The\\sPond;msg-param-sub-plan=1000'
const RECIPIENT =
  'msg-param-recipient-display-name=Tom;msg-param-recipient-id=3003;msg-param-recipient-user-name=tom'

export const USER_NOTICES: readonly string[] = [
  userNotice('sub', `msg-param-cumulative-months=1;msg-param-should-share-streak=0;${PLAN}`),
  userNotice(
    'resub',
    `msg-param-cumulative-months=14;msg-param-should-share-streak=1;msg-param-streak-months=3;msg-param-was-gifted=true;${PLAN}`,
    ' :still here',
  ),
  userNotice(
    'subgift',
    `msg-param-gift-months=1;msg-param-months=5;msg-param-sender-count=9;${RECIPIENT};${PLAN}`,
  ),
  userNotice('anonsubgift', `msg-param-gift-months=1;msg-param-months=5;${RECIPIENT};${PLAN}`),
  userNotice(
    'submysterygift',
    `msg-param-mass-gift-count=20;msg-param-sender-count=100;msg-param-sub-plan=1000`,
  ),
  userNotice('anonsubmysterygift', 'msg-param-mass-gift-count=5;msg-param-sub-plan=2000'),
  userNotice('giftpaidupgrade', 'msg-param-sender-login=tom;msg-param-sender-name=Tom'),
  userNotice(
    'anongiftpaidupgrade',
    'msg-param-promo-gift-total=4003;msg-param-promo-name=Autumn\\sSale',
  ),
  userNotice('primepaidupgrade', PLAN),
  userNotice(
    'standardpayforward',
    `msg-param-prior-gifter-anonymous=true;msg-param-prior-gifter-id=4004;msg-param-prior-gifter-user-name=ann;msg-param-prior-gifter-display-name=Ann;${RECIPIENT}`,
  ),
  userNotice('communitypayforward', 'msg-param-prior-gifter-anonymous=false'),
  userNotice('raid', 'msg-param-displayName=Mara;msg-param-login=mara;msg-param-viewerCount=321'),
  userNotice('announcement', 'msg-param-color=PRIMARY', ' :read this'),
  userNotice('ritual', 'msg-param-ritual-name=new_chatter', ' :HeyGuys'),
  userNotice('bitsbadgetier', 'msg-param-threshold=5000'),
  userNotice(
    'viewermilestone',
    'msg-param-category=watch-streak;msg-param-copoReward=450;msg-param-id=a;msg-param-value=5',
  ),
  userNotice(
    'charitydonation',
    'msg-param-charity-name=Dogs;msg-param-donation-amount=500;msg-param-donation-currency=USD;msg-param-exponent=2',
  ),
  userNotice('unraid', 'msg-param-x=1'),
  userNotice(
    'sharedchatnotice',
    'msg-param-viewerCount=7;source-badge-info=;source-badges=vip/1;source-id=aaaa;source-msg-id=raid;source-room-id=5005',
  ),
]

/** One of everything. */
export const LINES: readonly string[] = [
  PRIVMSG,
  ...USER_NOTICES,
  `@${USER};bits=100;emotes=;${ID};room-id=1001;${SENT};user-id=2002;user-type= ${SOURCE} PRIVMSG #pixelpond :cheer100 🎉 nice`,
  `@${USER};client-nonce=aa;custom-reward-id=bb;emote-only=1;emotes=555:0-1;first-msg=1;${ID};mod=0;msg-id=highlighted-message;room-id=1001;source-badge-info=;source-badges=;source-id=cc;source-only=1;source-room-id=5005;subscriber=0;${SENT};turbo=1;user-id=2002;user-type=;vip=1 ${SOURCE} PRIVMSG #pixelpond :\u0001ACTION :) waves\u0001`,
  `@emotes=;${ID};reply-parent-display-name=Tom;reply-parent-msg-body=what\\sis\\sit\\:\\\\;reply-parent-msg-id=dd;reply-parent-user-id=3003;reply-parent-user-login=tom;reply-thread-parent-display-name=Ann;reply-thread-parent-msg-id=ee;reply-thread-parent-user-id=4004;reply-thread-parent-user-login=ann;room-id=1001;${SENT};user-id=2002 ${SOURCE} PRIVMSG #pixelpond :@Tom a pond`,
  `@${ID};pinned-chat-paid-amount=200;pinned-chat-paid-currency=EUR;pinned-chat-paid-exponent=2;pinned-chat-paid-is-system-message=1;pinned-chat-paid-level=ONE;room-id=1001;${SENT};user-id=2002 ${SOURCE} PRIVMSG #pixelpond :paid`,
  `@rm-received-ts=1795250000200;historical=1;user-id=2002;${SENT};room-id=1001;${ID} ${SOURCE} PRIVMSG #pixelpond :shuffled`,
  `@ban-duration=600;room-id=1001;target-user-id=3003;${SENT} :tmi.twitch.tv CLEARCHAT #pixelpond :tom`,
  `@room-id=1001;target-user-id=3003;${SENT} :tmi.twitch.tv CLEARCHAT #pixelpond :tom`,
  `@room-id=1001;${SENT} :tmi.twitch.tv CLEARCHAT #pixelpond`,
  `@login=tom;room-id=;target-msg-id=ff;${SENT} :tmi.twitch.tv CLEARMSG #pixelpond :bad word`,
  `@login=tom;room-id=1001;target-msg-id=ff;${SENT} :tmi.twitch.tv CLEARMSG #pixelpond bad`,
  '@msg-id=slow_on :tmi.twitch.tv NOTICE #pixelpond :This room is now in slow mode.',
  ':tmi.twitch.tv NOTICE * :Login authentication failed',
  '@emote-only=0;followers-only=-1;r9k=0;rituals=0;room-id=1001;slow=0;subs-only=1 :tmi.twitch.tv ROOMSTATE #pixelpond',
  '@room-id=1001;slow=30 :tmi.twitch.tv ROOMSTATE #pixelpond',
  `@${USER};emote-sets=0,300,9f;${ID};mod=1;subscriber=1;user-type=mod :tmi.twitch.tv USERSTATE #pixelpond`,
  `@${USER};emote-sets=0;user-id=2002;user-type= :tmi.twitch.tv GLOBALUSERSTATE`,
  `@${USER};emotes=25:6-10;message-id=7;thread-id=2002_3003;turbo=0;user-id=2002;user-type= ${SOURCE} WHISPER tom :psst, Kappa`,
  ':tmi.twitch.tv HOSTTARGET #pixelpond :otherpond 12',
  ':tmi.twitch.tv HOSTTARGET #pixelpond :- -',
  `${SOURCE} JOIN #pixelpond`,
  `${SOURCE} PART #pixelpond`,
  ':tmi.twitch.tv RECONNECT',
  ':tmi.twitch.tv CAP * ACK :twitch.tv/tags twitch.tv/commands',
  'PING :tmi.twitch.tv',
  ':tmi.twitch.tv PONG tmi.twitch.tv :1795250000',
  ':tmi.twitch.tv 001 justinfan1 :Welcome, GLHF!',
  ':justinfan1.tmi.twitch.tv 353 justinfan1 = #pixelpond :justinfan1',
  ':tmi.twitch.tv 421 justinfan1 WHO :Unknown command',
  ':tmi.twitch.tv SOMETHINGNEW #pixelpond what is :this',
]
