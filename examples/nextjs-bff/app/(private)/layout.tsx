import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { currentLanguage } from '@/server/language'
import { readSession } from '@/server/session'
import { texts } from '@/texts'
import { switchLanguage } from '../actions'
import { Mark } from '../mark'
import { ForgetOldPage } from './forget-old-page'
import { Navigation } from './navigation'

export default async function PrivateLayout({ children }: { children: ReactNode }) {
  const session = await readSession({ headers: new Headers(await headers()) })
  if (session === undefined) redirect('/')
  const language = await currentLanguage()
  const text = texts[language]
  return (
    <div className="app">
      <ForgetOldPage />
      <a className="skip" href="#content">
        {text.skip}
      </a>
      <header className="bar">
        <span className="brand">
          <Mark /> <span className="name">{text.appName}</span>
        </span>
        <Navigation language={language} />
        <div className="account">
          <span className="user">{session.name ?? session.email}</span>
          <form action={switchLanguage}>
            <button type="submit" className="quiet" lang={language === 'ko' ? 'en' : 'ko'}>
              {text.otherLanguage}
            </button>
          </form>
          {/* A form and not a fetch: the logout continues at the issuer, and the page is loaded again. */}
          <form action="/logout" method="post">
            <button type="submit" className="quiet">
              {text.signOut}
            </button>
          </form>
        </div>
      </header>
      <main id="content">{children}</main>
    </div>
  )
}
