'use server'
// Next.js accepts an action only from a page of this site.
import { cookies } from 'next/headers'
import { signIn } from '@/server/auth'
import { currentLanguage, languageCookie } from '@/server/language'
import { pageAfterSignIn } from '@/server/pages'
import { settings } from '@/server/settings'

export const startSignIn = async (form: FormData) => {
  const redirectTo = pageAfterSignIn(form.get('next'))
  // The issuer shows its pages in the same language.
  await signIn('dojang', { redirectTo }, { ui_locales: await currentLanguage() })
}

export const switchLanguage = async () => {
  const language = (await currentLanguage()) === 'ko' ? 'en' : 'ko'
  const secure = settings().site.startsWith('https:')
  ;(await cookies()).set(languageCookie, language, {
    ...{ path: '/', httpOnly: true, sameSite: 'lax', secure },
    maxAge: 365 * 86_400,
  })
}
