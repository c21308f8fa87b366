// The texts of the fake providers' pages, in Korean and English. A page has the language of its visitor.
import { type Html, html } from '../src/pages/html.ts'
import { chooseLanguage, type Language } from '../src/pages/language.ts'
import type { Call } from './provider-server.ts'

/** A text in both languages. */
export type Text = Readonly<Record<Language, string>>

export const languageOf = ({ headers }: Pick<Call, 'headers'>): Language => {
  const acceptLanguage = headers['accept-language']
  return chooseLanguage(acceptLanguage === undefined ? {} : { acceptLanguage })
}

const ko = {
  practice: (provider: string) => `연습용 화면이에요. 진짜 ${provider}에는 연결하지 않아요.`,
  choose: (account: string) => `${account} 선택`,
  whoSignsIn: (app: Html) => html`${app}에 로그인할 사람을 골라 주세요.`,
  cancel: '취소',
  consentTitle: (app: string) => `${app}에 동의하기`,
  consent: (app: string) => `${app}에 정보를 전해도 될까요?`,
  items: '동의 항목',
  required: '필수',
  optional: '선택',
  agree: '동의하고 계속하기',
  connections: '연결된 서비스',
  whoConnected: (app: Html) => html`${app}에 로그인한 적이 있는 사람들이에요.`,
  nobody: '연결된 사람이 없어요.',
  disconnect: '연결 끊기',
  disconnectPerson: (person: string) => `${person} 연결 끊기`,
  disconnected: (person: string) => `${person} 님의 연결을 끊었어요.`,
  notTold: '앱에 알리지는 못했어요.',
  badRequestTitle: '잘못된 요청',
  badRequest: '잘못된 요청이에요',
  checkApp: (code: string) => `앱 설정을 확인해 주세요. (${code})`,
}

const en: typeof ko = {
  practice: (provider) => `A page for practice. It has no connection to the real ${provider}.`,
  choose: (account) => `Choose a ${account}`,
  whoSignsIn: (app) => html`Choose who signs in to ${app}.`,
  cancel: 'Cancel',
  consentTitle: (app) => `Allow ${app}`,
  consent: (app) => `May ${app} have this information?`,
  items: 'What the app gets',
  required: 'required',
  optional: 'optional',
  agree: 'Agree and continue',
  connections: 'Connected services',
  whoConnected: (app) => html`These people have signed in to ${app}.`,
  nobody: 'Nobody is connected.',
  disconnect: 'Disconnect',
  disconnectPerson: (person) => `Disconnect ${person}`,
  disconnected: (person) => `${person} is disconnected.`,
  notTold: 'The app could not be told.',
  badRequestTitle: 'Bad request',
  badRequest: 'This request is wrong',
  checkApp: (code) => `Check the settings of the app. (${code})`,
}

export const textsOf = (language: Language): typeof ko => (language === 'ko' ? ko : en)
