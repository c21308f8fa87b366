// What the bookshop says, in Korean and English.

export type Language = 'ko' | 'en'

/** Korean for whoever's browser asks for it before English. */
export const languageOf = (acceptLanguage = ''): Language =>
  /^[^,]*\bko\b/i.test(acceptLanguage) ? 'ko' : 'en'

export type Happening =
  | 'sent_away'
  | 'signed_in'
  | 'not_signed_in'
  | 'refreshed'
  | 'token_dead'
  | 'refresh_refused'
  | 'ended'

export interface Texts {
  shop: string
  title: string
  lede: string
  signIn: string
  signInAgain: string
  hello(name: string): string
  stranger: string
  alive: string
  over: string
  endedTitle: string
  endedLede: string
  next: string
  steps: { seal: string; tokens: string; disconnect: string; watch: string }
  atKakao: string
  atGoogle: string
  opensNew: string
  refresh: string
  signOut: string
  accessToken: string
  idToken: string
  accessTokenFor: string
  idTokenFor: string
  ledger: string
  happenings: Record<Happening, string>
  checkAgain: string
}

const ko: Texts = {
  shop: '책갈피 책방',
  title: '읽던 자리에서 이어 읽어요',
  lede: '이 책방은 비밀번호를 받지 않아요. 로그인은 도장에 맡기고, 도장이 찍힌 토큰만 받아요.',
  signIn: '도장으로 로그인',
  signInAgain: '다시 로그인',
  hello: (name) => `${name} 님, 어서 오세요`,
  stranger: '어서 오세요',
  alive: '세션이 살아 있어요',
  over: '로그아웃됨',
  endedTitle: '세션이 끝났어요',
  endedLede:
    '제공자 쪽에서 연결을 끊으면 도장이 세션을 끝내요. 손에 든 액세스 토큰은 무효가 됐고, 리프레시 토큰도 더는 통하지 않아요.',
  next: '해 볼 것',
  steps: {
    seal: '카카오로 로그인하기',
    tokens: '아래에서 토큰 들여다보기',
    disconnect: '제공자 쪽에서 연결 끊기',
    watch: '이 화면이 알아채는지 지켜보기',
  },
  atKakao: '카카오에서 끊기',
  atGoogle: '구글에서 끊기',
  opensNew: '새 탭',
  refresh: '토큰 새로 받기',
  signOut: '로그아웃',
  accessToken: '액세스 토큰',
  idToken: 'ID 토큰',
  accessTokenFor: '서비스에 보여 주는 것. 누구인지와 할 수 있는 일만 담아요.',
  idTokenFor: '책방이 손님을 알아보는 것.',
  ledger: '장부',
  happenings: {
    sent_away: '손님을 도장으로 보냈어요',
    signed_in: '코드를 토큰으로 바꿨어요',
    not_signed_in: '로그인하지 않고 돌아왔어요',
    refreshed: '리프레시 토큰으로 새 토큰을 받았어요',
    token_dead: '도장: 이 액세스 토큰은 무효예요',
    refresh_refused: '도장: 리프레시 토큰도 거절해요',
    ended: '세션을 닫았어요',
  },
  checkAgain: '다시 확인',
}

const en: Texts = {
  shop: 'Bookmark Books',
  title: 'Pick up where you left off',
  lede: 'This bookshop takes no passwords. It leaves signing in to Dojang, and accepts only tokens with its seal.',
  signIn: 'Sign in with Dojang',
  signInAgain: 'Sign in again',
  hello: (name) => `Welcome, ${name}`,
  stranger: 'Welcome',
  alive: 'Session alive',
  over: 'Signed out',
  endedTitle: 'The session is over',
  endedLede:
    'When a connection is ended at the provider, Dojang ends the session. The access token in hand is void, and the refresh token no longer works.',
  next: 'Try this',
  steps: {
    seal: 'Sign in with Kakao',
    tokens: 'Look at the tokens below',
    disconnect: 'End the connection at the provider',
    watch: 'Watch this page notice',
  },
  atKakao: 'Disconnect at Kakao',
  atGoogle: 'Disconnect at Google',
  opensNew: 'new tab',
  refresh: 'Get new tokens',
  signOut: 'Sign out',
  accessToken: 'Access token',
  idToken: 'ID token',
  accessTokenFor: 'What services are shown: who it is and what they may do, nothing else.',
  idTokenFor: 'How the shop knows its guest.',
  ledger: 'Ledger',
  happenings: {
    sent_away: 'Sent the guest to Dojang',
    signed_in: 'Traded the code for tokens',
    not_signed_in: 'Came back without signing in',
    refreshed: 'Got new tokens with the refresh token',
    token_dead: 'Dojang: this access token is not valid',
    refresh_refused: 'Dojang: the refresh token is refused',
    ended: 'Closed the session',
  },
  checkAgain: 'Check again',
}

export const textsOf = (language: Language): Texts => (language === 'ko' ? ko : en)
