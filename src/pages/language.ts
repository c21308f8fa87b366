// The two languages of the pages and of errors, and the choice between them.
export const languages = ['ko', 'en'] as const
export type Language = (typeof languages)[number]

/** A text in both languages. */
export type Localized = Readonly<Record<Language, string>>

const supported = (tag: string): Language | undefined => {
  const primary = tag.trim().toLowerCase().split('-')[0]
  return languages.find((language) => language === primary)
}

/**
 * `q` of one Accept-Language item: 1 when absent, 0 when it is not a number from 0 to 1 (RFC 9110 §12.4.2).
 */
const weightOf = (parameters: readonly string[]): number => {
  const q = parameters.map((parameter) => parameter.trim().toLowerCase()).find((p) => p.startsWith('q='))
  if (q === undefined) return 1
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? Number(q.slice(2)) : 0
}

/**
 * The language of a page: `ui_locales` in its order (OIDC Core §3.1.2.1), then Accept-Language by weight
 * (RFC 9110 §12.5.4), else English.
 */
export const chooseLanguage = (asked: { uiLocales?: string; acceptLanguage?: string }): Language => {
  for (const tag of (asked.uiLocales ?? '').split(/\s+/)) {
    const language = supported(tag)
    if (language) return language
  }
  const accepted = (asked.acceptLanguage ?? '').split(',').flatMap((item) => {
    const [tag = '', ...parameters] = item.split(';')
    const language = tag.trim() === '*' ? 'en' : supported(tag)
    const weight = weightOf(parameters)
    return language && weight > 0 ? [{ language, weight }] : []
  })
  // The sort is stable, so the first of equal weights wins.
  return accepted.sort((a, b) => b.weight - a.weight)[0]?.language ?? 'en'
}

/** The other language, for the link that switches. */
export const otherLanguage = (lang: Language): Language => (lang === 'ko' ? 'en' : 'ko')
