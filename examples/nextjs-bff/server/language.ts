import { cookies, headers } from 'next/headers'
import type { Language } from '@/texts'

export const languageCookie = 'language'

/** The language that the reader chose, or else the first one of the browser that this site has. */
export const currentLanguage = async (): Promise<Language> => {
  const chosen = (await cookies()).get(languageCookie)?.value
  if (chosen === 'ko' || chosen === 'en') return chosen
  const accepted = (await headers()).get('accept-language') ?? ''
  return /\b(ko|en)\b/i.exec(accepted)?.[1]?.toLowerCase() === 'ko' ? 'ko' : 'en'
}
