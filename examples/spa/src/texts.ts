import { useSyncExternalStore } from 'react'

const en = {
  shop: 'Corner Shop',
  intro: 'Your orders, in one place',
  about: 'Sign in to see your account and your orders. You stay signed in while a tab of this shop is open.',
  signIn: 'Sign in',
  signOut: 'Sign out',
  failed: 'The sign-in did not finish. Please try again.',
  cancelled: 'You cancelled the sign-in.',
  issuerDown: 'The sign-in service does not answer. Please try again in a moment.',
  hello: (name: string) => `Hello, ${name}`,
  account: 'Account',
  name: 'Name',
  email: 'E-mail',
  id: 'Customer number',
  orders: 'Orders',
  noOrders: 'You have no orders yet.',
  loading: 'Loading…',
  forbidden: 'This account may not see orders.',
  unavailable: 'This did not load. Your session is kept.',
  reload: 'Reload',
  otherLanguage: '한국어',
}

const ko: typeof en = {
  shop: '모퉁이 가게',
  intro: '내 주문을 한눈에',
  about: '로그인하면 내 정보와 주문을 볼 수 있어요. 이 가게를 연 탭이 남아 있는 동안 로그인이 유지돼요.',
  signIn: '로그인',
  signOut: '로그아웃',
  failed: '로그인을 마치지 못했어요. 다시 시도해 주세요.',
  cancelled: '로그인을 취소했어요.',
  issuerDown: '로그인 서비스에 연결할 수 없어요. 잠시 후 다시 시도해 주세요.',
  hello: (name: string) => `${name}님, 안녕하세요`,
  account: '내 정보',
  name: '이름',
  email: '이메일',
  id: '고객 번호',
  orders: '주문',
  noOrders: '아직 주문이 없어요.',
  loading: '불러오는 중…',
  forbidden: '이 계정으로는 주문을 볼 수 없어요.',
  unavailable: '불러오지 못했어요. 로그인은 그대로 유지돼요.',
  reload: '다시 불러오기',
  otherLanguage: 'English',
}

const texts = { en, ko }
export type Language = keyof typeof texts
export type Texts = typeof en
/** The names of the texts that are a plain sentence. */
export type Notice = 'failed' | 'cancelled' | 'issuerDown'

const chosen = localStorage.getItem('language') ?? navigator.language.slice(0, 2)
let language: Language = chosen === 'ko' ? 'ko' : 'en'
const listeners = new Set<() => void>()

const show = (): void => {
  document.documentElement.lang = language
  document.title = texts[language].shop
}
show()

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const switchLanguage = (): void => {
  language = language === 'ko' ? 'en' : 'ko'
  localStorage.setItem('language', language)
  show()
  for (const listener of listeners) listener()
}

export const useTexts = (): Texts & { language: Language } => {
  const current = useSyncExternalStore(subscribe, () => language)
  return { ...texts[current], language: current }
}
