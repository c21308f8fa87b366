// All texts of the bookshop page, in Korean and English.
import { chooseLanguage, type Language } from '../src/pages/language.ts'
import type { SignInMethod } from './visit.ts'

/** The same rule as on the issuer's pages. */
export const languageOf = (acceptLanguage: string | undefined): Language =>
  chooseLanguage(acceptLanguage === undefined ? {} : { acceptLanguage })

export type EventName =
  | 'redirected'
  | 'signed_in'
  | 'sign_in_failed'
  | 'refreshed'
  | 'access_token_inactive'
  | 'refresh_token_rejected'
  | 'session_ended'

export interface Texts {
  shop: string
  title: string
  lede: string
  signIn: string
  signInAgain: string
  welcome(name: string): string
  welcomeWithoutName: string
  signedIn: string
  signedOut: string
  endedTitle: string
  /** `provider`: where somebody disconnected before. */
  endedLede(provider: string | undefined): string
  next: string
  methods: Record<SignInMethod, string>
  steps: {
    signIn: string
    signedIn(method: string): string
    refresh: string
    disconnect(provider: string): string
    disconnectSomewhere: string
    cannotDisconnect: string
    watch: string
  }
  disconnectAt(provider: string): string
  newTab: string
  tokens: string
  refresh: string
  signOut: string
  accessToken: string
  idToken: string
  accessTokenPurpose: string
  idTokenPurpose: string
  activity: string
  events: Record<EventName, string>
  checkAgain: string
}

const ko: Texts = {
  shop: '책갈피 책방',
  title: '읽던 자리에서 이어 읽어요',
  lede: '이 책방은 비밀번호를 받지 않아요. 로그인은 도장에 맡기고, 도장이 서명한 토큰만 받아요.',
  signIn: '도장으로 로그인',
  signInAgain: '다시 로그인',
  welcome: (name) => `${name} 님, 어서 오세요`,
  welcomeWithoutName: '어서 오세요',
  signedIn: '로그인됨',
  signedOut: '로그아웃됨',
  endedTitle: '세션이 끝났어요',
  endedLede: (provider) =>
    `${provider ? `${provider}에서 연결을 끊어서 ` : ''}도장이 세션을 끝냈어요. 이제 액세스 토큰과 리프레시 토큰을 쓸 수 없어요.`,
  next: '해 볼 것',
  methods: { kakao: '카카오', google: '구글', naver: '네이버', password: '비밀번호' },
  steps: {
    signIn: '이 가운데 하나로 로그인하기',
    signedIn: (method) => `${method}로 로그인했어요`,
    refresh: '토큰 새로 받기',
    disconnect: (provider) => `${provider}에서 연결 끊기`,
    disconnectSomewhere: '카카오나 구글에서 연결 끊기',
    cannotDisconnect: '카카오나 구글로 로그인하면 해 볼 수 있어요. 네이버는 연결을 끊어도 알려 주지 않아요.',
    watch: '몇 초 안에 이 화면이 로그아웃되는지 확인하기',
  },
  disconnectAt: (provider) => `${provider}에서 끊기`,
  newTab: '새 탭',
  tokens: '토큰 내용',
  refresh: '토큰 새로 받기',
  signOut: '로그아웃',
  accessToken: '액세스 토큰',
  idToken: 'ID 토큰',
  accessTokenPurpose: '책방이 서비스를 호출할 때 보내요. 사용자가 누구이고 무엇을 할 수 있는지 담겨 있어요.',
  idTokenPurpose: '책방은 이 토큰을 읽고 누가 로그인했는지 알아요.',
  activity: '활동 기록',
  events: {
    redirected: '브라우저를 도장으로 보냈어요',
    signed_in: '인가 코드를 토큰으로 교환했어요',
    sign_in_failed: '로그인하지 못했어요',
    refreshed: '리프레시 토큰으로 새 토큰을 받았어요',
    access_token_inactive: '도장에 확인하니 액세스 토큰이 무효예요',
    refresh_token_rejected: '도장이 리프레시 토큰을 거부했어요',
    session_ended: '책방이 세션을 끝냈어요',
  },
  checkAgain: '다시 확인',
}

const en: Texts = {
  shop: 'Bookmark Books',
  title: 'Pick up where you left off',
  lede: 'This bookshop does not ask for a password. Dojang signs you in, and the shop accepts only tokens that Dojang signed.',
  signIn: 'Sign in with Dojang',
  signInAgain: 'Sign in again',
  welcome: (name) => `Welcome, ${name}`,
  welcomeWithoutName: 'Welcome',
  signedIn: 'Signed in',
  signedOut: 'Signed out',
  endedTitle: 'The session has ended',
  endedLede: (provider) =>
    `Dojang ended the session${provider ? `, because you disconnected the shop at ${provider}` : ''}. The access token and the refresh token no longer work.`,
  next: 'Try this',
  methods: { kakao: 'Kakao', google: 'Google', naver: 'Naver', password: 'Password' },
  steps: {
    signIn: 'Sign in with one of these',
    signedIn: (method) => `Signed in with ${method}`,
    refresh: 'Get new tokens',
    disconnect: (provider) => `Disconnect the shop at ${provider}`,
    disconnectSomewhere: 'Disconnect the shop at Kakao or Google',
    cannotDisconnect: 'Sign in with Kakao or Google to try it. Naver tells nobody about a disconnection.',
    watch: 'Watch this page: it signs you out within seconds',
  },
  disconnectAt: (provider) => `Disconnect at ${provider}`,
  newTab: 'new tab',
  tokens: 'Tokens',
  refresh: 'Get new tokens',
  signOut: 'Sign out',
  accessToken: 'Access token',
  idToken: 'ID token',
  accessTokenPurpose:
    'The shop sends this token to services. It says who the user is and what the user may do.',
  idTokenPurpose: 'The shop reads this token to learn who signed in.',
  activity: 'Activity',
  events: {
    redirected: 'Redirected the browser to Dojang',
    signed_in: 'Exchanged the code for tokens',
    sign_in_failed: 'The sign-in failed',
    refreshed: 'Got new tokens with the refresh token',
    access_token_inactive: 'Dojang says that the access token is not active',
    refresh_token_rejected: 'Dojang rejected the refresh token',
    session_ended: 'The shop ended its session',
  },
  checkAgain: 'Check again',
}

export const textsOf = (language: Language): Texts => (language === 'ko' ? ko : en)
