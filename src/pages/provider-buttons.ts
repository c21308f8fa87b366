// The providers' buttons, with the colours, symbol and wording that each provider requires. A provider that
// is not in these tables gets a plain button.
import { hidden } from './fields.ts'
import { type Html, html, type Part, raw } from './html.ts'
import type { Language } from './language.ts'
import { texts } from './texts.ts'

/** Kakao: the speech bubble. Google: the G in its four colours. Naver: the N. */
const symbols: Readonly<Record<string, Html>> = {
  kakao: raw(
    '<svg class="symbol" viewBox="0 0 24 24" aria-hidden="true"><path fill="#000" d="M12 3C6.2 3 1.5 6.7 1.5 11.2c0 2.9 1.9 5.4 4.9 6.9l-1 3.7c-.1.4.3.7.6.5l4.4-2.9c.5.1 1 .1 1.6.1 5.8 0 10.5-3.7 10.5-8.3S17.800 3 12 3z"/></svg>',
  ),
  google: raw(
    '<svg class="symbol" viewBox="0 0 48 48" aria-hidden="true"><path fill="#EA4335" d="M24 9.5c3.54 0 6.71 1.22 9.21 3.6l6.85-6.85C35.9 2.38 30.47 0 24 0 14.62 0 6.51 5.38 2.56 13.22l7.98 6.19C12.43 13.72 17.74 9.5 24 9.5z"/><path fill="#4285F4" d="M46.98 24.55c0-1.57-.15-3.09-.38-4.55H24v9.02h12.94c-.58 2.96-2.26 5.48-4.78 7.18l7.73 6c4.51-4.18 7.09-10.36 7.09-17.65z"/><path fill="#FBBC05" d="M10.53 28.59c-.48-1.45-.76-2.99-.76-4.59s.27-3.14.76-4.59l-7.98-6.19C.92 16.46 0 20.12 0 24c0 3.88.92 7.54 2.56 10.78l7.97-6.19z"/><path fill="#34A853" d="M24 48c6.48 0 11.93-2.13 15.89-5.81l-7.73-6c-2.15 1.45-4.92 2.3-8.16 2.3-6.26 0-11.57-4.22-13.47-9.91l-7.98 6.19C6.51 42.62 14.62 48 24 48z"/></svg>',
  ),
  naver: raw(
    '<svg class="symbol" viewBox="0 0 24 24" aria-hidden="true"><path fill="#fff" d="M4 4h5.4l5.2 7.6V4H20v16h-5.400l-5.200-7.600V20H4z"/></svg>',
  ),
}

/** The symbol in the provider's colours, beside the provider's name; undefined for an unknown provider. */
export const providerMark = (provider: string): Part =>
  Object.hasOwn(symbols, provider) &&
  html`<span class="provider-mark ${provider}">${symbols[provider]}</span>`

/** The provider's name in the page's language. */
export const providerName = (lang: Language, provider: string): string => {
  const { names } = texts(lang).provider
  return Object.hasOwn(names, provider) ? names[provider as keyof typeof names] : provider
}

const label = (lang: Language, provider: string): string => {
  const { buttons } = texts(lang).provider
  return Object.hasOwn(buttons, provider)
    ? buttons[provider as keyof typeof buttons]
    : texts(lang).login.with(provider)
}

/** The providers that most readers of the language use come first. */
const order: Readonly<Record<Language, readonly string[]>> = {
  ko: ['kakao', 'naver', 'google'],
  en: ['google', 'kakao', 'naver'],
}

const inOrder = (lang: Language, providers: readonly string[]): string[] => {
  const known = order[lang].filter((provider) => providers.includes(provider))
  return [...known, ...providers.filter((provider) => !known.includes(provider))]
}

/** One form per provider. @param carried hidden fields of each form */
export const providerButtons = (
  lang: Language,
  providers: readonly string[],
  carried: Readonly<Record<string, string | undefined>>,
): Html =>
  html`<div class="providers">${inOrder(lang, providers).map((provider) => {
    const symbol = Object.hasOwn(symbols, provider) && symbols[provider]
    return html`<form method="post" action="/login/${encodeURIComponent(provider)}">${hidden(carried)}<button class="button ${symbol ? provider : 'plain'}" type="submit">${symbol}<span>${label(lang, provider)}</span></button></form>`
  })}</div>`

/** Says why a sign-in at a provider failed; undefined for an unknown problem code. */
export const providerProblemText = (
  lang: Language,
  problem: string,
  provider: string | undefined,
): string | undefined => {
  const { problems } = texts(lang).provider
  if (!Object.hasOwn(problems, problem)) return undefined
  const name = provider === undefined ? texts(lang).provider.unnamed : providerName(lang, provider)
  return problems[problem as keyof typeof problems](name)
}
