/** What chat is made of. Order matters: the earlier a word stands, the more often it is said (Zipf's law). */

/** A piece of text and how many code points it has: emote ranges count those. */
export interface Word {
  readonly text: string
  readonly codePoints: number
}

/** An emote of Twitch's own; other sites' emotes are plain words to the server. */
export interface Emote extends Word {
  readonly id: string
}

export type NonEmpty<T> = readonly [T, ...T[]]

export const COMMON = words(`
the i you to a it is that and he this of in what no my just like on so do me not for was but be have
we lol your with good can get his all go if why they are how yes game im one its now that's when dont up
up at know out did think there him man has bro time actually or from who she lmao really way some then
need about see want here too more would never her as make got still play new back right chat look say even
by an been first over only win going gonna people where them because could better day stream love down best
off guy much let into last always again very take big other us any thing next than little every wait stop
pls nice sure those were well come two after same life had should please long feel bad damn free old gg
guys also kill looks give lost run great work lets before watch team hard real use name find today hope
thanks playing money music song mean mod since thought tell year remember everyone 2 doing these years world
true literally something keep maybe getting made ever insane crazy nothing true wtf omg through song most
same start end around wrong happy miss funny fun makes far anyone pretty clip said being having hit cant
both face while against put saw hear eat bot sub hype ban skip soon boss already level fast dead cool item
build round map top mid lane heal tank shot aim lag ping rank clutch throw carry buff nerf combo trade loot
armor sword magic dragon castle bridge river door key chest puzzle secret glitch route split reset record
attempt pace timer final stage level world save load quit menu button screen camera sound volume mic headset
keyboard mouse chair desk cat dog bird fish pizza coffee water sleep tired awake morning night evening week
weekend month summer winter rain snow sun moon star space rocket science school exam teacher homework job boss
office meeting friend brother sister mother father baby family house room kitchen street city country train
car plane ticket trip beach mountain forest island garden flower tree apple banana cheese bread soup rice
chicken beef salad sugar salt pepper honey cake cookie movie show episode season actor plot ending spoiler
trailer theme intro outro melody drums guitar piano bass concert album lyrics dance party birthday gift prize
lottery luck chance random probability statistics number seven eleven twelve hundred thousand million percent
question answer reason excuse promise rumor legend story history museum painting camera picture video channel
follower viewer raid host notification schedule delay buffering quality pixels resolution upload download
internet router wifi cable update patch version bug crash freeze restart driver settings config script robot
machine engine wheel battery power light shadow color red blue green yellow purple orange black white silver
gold bronze medal trophy champion league season playoff bracket upset underdog favorite coach captain bench
defense offense pressure mistake comeback momentum overtime penalty goal score assist corner ref whistle
crowd stadium ocean whale shark turtle penguin elephant monkey tiger wolf fox rabbit hamster spider dragonfly
somehow honestly basically probably definitely obviously technically apparently absolutely completely finally
suddenly slowly quickly exactly almost enough instead together forever sometimes usually whatever whoever
anyway besides although unless until during without between under above behind across toward inside outside
understand believe imagine wonder explain describe compare choose decide finish continue improve practice
learn teach forget notice realize expect accept refuse agree argue fight escape survive protect attack steal
borrow return break repair destroy create invent discover explore travel arrive leave enter climb jump swim
`)

export const SHORT = words(
  `lol yes no gg W L what true real bro hi hello nice ??? ? ?? F o7 xd lmao ok +1 -1 1 2 same wtf omg LOL
  WHAT YES NO GG wp rip damn hahaha haha ja nah yep ez free cute based wait why how who when pog clap kek
  ??????? !!! LETSGO letsgo gn gm ty pls o_O :) :D D: <3 :( ;) XD :O bruh yo sup gg! huh mhm ayy oof`,
)

/** Names people talk about; the capital letter makes them what a search is case-sensitive about. */
export const NAMES = words(`
Elden Minecraft Mario Zelda Tetris Chess Doom Portal Factorio Stardew Hades Celeste Skyrim Witcher Tekken Nidalee
Lucio Pudge Sombra Kirby Samus Sonic Luigi Yoshi Ganon Riven Teemo Jinx Ahri Garen Berlin Tokyo Paris Texas Brazil
Poland Norway Canada Sunday Monday Friday Christmas Spotify YouTube Discord Reddit Steam Nvidia Linux Windows Python
`)

export const THIRD_PARTY_EMOTES = words(`
KEKW Pog OMEGALUL LULW monkaS Sadge Pepega PepeLaugh EZ Clap catJAM PogU FeelsBadMan POGGERS PepeHands AYAYA Copium
ICANT modCheck monkaW 5Head WeirdChamp PauseChamp FeelsGoodMan widepeepoHappy pepeD NODDERS NOPERS Bedge Aware
Clueless Okayge HYPERS xdd docJAM peepoClap Madge BASED TrollDespair YEP NOTED Susge PepoG HACKERMANS Prayge SCHIZO
forsenPls FeelsStrongMan RainTime ppOverheat Stare Wokege LETSGO GAMBA buh wideVIBE
`)

/** @see https://twitchemotes.com for the numbers of the old global emotes */
export const GLOBAL_EMOTES = emotes(`
LUL:425618 Kappa:25 PogChamp:305954156 NotLikeThis:58765 BibleThump:86 ResidentSleeper:245 TriHard:120232
WutFace:28087 4Head:354 HeyGuys:30259 SeemsGood:64138 DansGame:33 Kreygasm:41 BabyRage:22639 FailFish:360
Jebaited:114836 KappaPride:55338 VoHiYo:81274 SMOrc:52 SwiftRage:34 PJSalt:36 CoolStoryBob:123171 Keepo:1902
MingLee:68856 CorgiDerp:49106 BloodTrail:69 TwitchUnity:196892 GivePLZ:112291 TakeNRG:112292 <3:9 :):1 :D:3
`)

export const SYMBOLS = words(`
😂 💀 👍 🔥 😭 🤣 ❤️ 👀 🙏 😎 🎉 💯 🤔 😱 🥳 👏 🐸 🫡 🧠 🎮 😴 🍕 🚀 🏳️‍🌈 👨‍👩‍👧 🇫🇮 🇧🇷 👍🏽 🫠 ⚽ ♿ ☠️ 𝓛𝓸𝓿𝓮 ｷﾀ━━(ﾟ∀ﾟ)━━!! ʕ•ᴥ•ʔ ┬─┬ (╯°□°)╯
`)

/** Words of people who do not write English: Latin with marks, Cyrillic, Greek, CJK, and two scripts that run right to left. */
export const LANGUAGES: NonEmpty<NonEmpty<Word>> = [
  words(`да не это что как он ты я в на так и все ну нет блин почему сегодня игра красиво привет спасибо лучший
    смешно опять давай сколько когда хорошо жесть ахахаха музыка включи стрим братан`),
  words(`草 www かわいい すごい なるほど おはよう ありがとう それな 強い 神 うまい がんばれ お疲れ様 配信 ゲーム 面白い やばい 待って 嘘でしょ
    ナイス おめでとう 初見です 助かる 尊い`),
  words(
    `ㅋㅋㅋㅋ 안녕하세요 와 진짜 대박 형 오늘 방송 재밌다 감사합니다 아니 왜 ㄷㄷ ㅠㅠ 게임 레전드 가자 귀여워 화이팅`,
  ),
  words(
    `哈哈哈 主播 好 厲害 這 什麼 加油 可愛 今天 謝謝 笑死 真的 不是 太強了 遊戲 早安 晚安 沒有 知道`,
  ),
  words(`مرحبا شكرا كيف الحال والله جميل جدا يا اخي اليوم لعبة قوي ههههه ماشاء الله لا نعم طيب`),
  words(`שלום תודה מה קורה אחי יפה מאוד היום משחק חזק חחחח לא כן למה טוב בוקר`),
  words(`não é muito bom você tá jogando kkkkkk mano que isso cara também até amanhã saudade caraca vai então
    boa noite jogo está mañana señor año qué pasó también jajaja buenísimo corazón`),
  words(`das ist nicht schön über heute für größer spaß danke grüße später müde très bien où ça va garçon français
    voilà être même déjà świetnie dziękuję część źle różnica ładnie ğüzel teşekkürler çok iyi`),
  words(`γεια σου τι κάνεις καλό παιχνίδι ναι όχι σήμερα ευχαριστώ πολύ`),
]

export const COMMANDS = words(
  '!uptime !points !gamble !discord !followage !song !title !commands !rank !sr !schedule !pb !wr !play !claim',
)

export const LINKS = [
  'https://clips.twitch.tv/',
  'https://www.youtube.com/watch?v=',
  'https://i.imgur.com/',
] as const

/** Parts of made-up names of people, channels and emotes. */
export const SYLLABLES =
  `ka zo mi ra to ne lu vi shi bo dra gon fox wolf owl pix el nova star moon frost ember
  mad cool lazy tiny big red blue dark light neo max leo zed kai rio sam pat kim lee ash jay ray sky ice fire
  cat dog bee ant bug bot cyber mega ultra hyper turbo nano pro noob king queen lord duke`
    .split(/\s+/)
    .map((part) => part.trim())

function words(list: string): NonEmpty<Word> {
  return nonEmpty(
    list
      .split(/\s+/)
      .filter((text) => text !== '')
      .map(toWord),
  )
}

function emotes(list: string): NonEmpty<Emote> {
  const pairs = list.split(/\s+/).filter((pair) => pair !== '')
  return nonEmpty(
    pairs.map((pair) => {
      const colon = pair.lastIndexOf(':')
      return Object.assign(toWord(pair.slice(0, colon)), { id: pair.slice(colon + 1) })
    }),
  )
}

export function toWord(text: string): Word {
  return { text, codePoints: Array.from(text).length }
}

export function nonEmpty<T>(items: readonly T[]): NonEmpty<T> {
  const [first, ...rest] = items
  if (first === undefined) throw new Error('a vocabulary has no empty list')
  return [first, ...rest]
}
