import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { currentLanguage } from '@/server/language'
import { pageAfterSignIn } from '@/server/pages'
import { readSession } from '@/server/session'
import { texts } from '@/texts'
import { startSignIn, switchLanguage } from './actions'
import { Mark } from './mark'

type Parameters = Promise<Record<string, string | string[] | undefined>>

export default async function StartPage({ searchParams }: { searchParams: Parameters }) {
  const { next, error, ended } = await searchParams
  const page = pageAfterSignIn(next)
  if (await readSession({ headers: new Headers(await headers()) })) redirect(page)
  const text = texts[await currentLanguage()]
  const notice = error !== undefined ? text.signInError : ended !== undefined ? text.sessionEnded : undefined
  return (
    <div className="start">
      <header className="bar">
        <span className="brand">
          <Mark /> {text.appName}
        </span>
        <form action={switchLanguage}>
          <button type="submit" className="quiet" lang={text.otherLanguage === 'English' ? 'en' : 'ko'}>
            {text.otherLanguage}
          </button>
        </form>
      </header>
      <main>
        <h1>{text.tagline}</h1>
        <p className="lead">{text.intro}</p>
        {notice && (
          <p role="alert" className="notice">
            {notice}
          </p>
        )}
        <form action={startSignIn}>
          <input type="hidden" name="next" value={page} />
          <button type="submit" className="primary large">
            {text.signIn}
          </button>
        </form>
        <ul className="features">
          {text.features.map(([title, sentence]) => (
            <li key={title}>
              <h2>{title}</h2>
              <p>{sentence}</p>
            </li>
          ))}
        </ul>
      </main>
    </div>
  )
}
