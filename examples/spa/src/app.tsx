import { useState } from 'react'
import { Account } from './account.tsx'
import { Orders } from './orders.tsx'
import { signIn, signOut } from './session/session.ts'
import { useUser } from './session/use-user.ts'
import { type Notice, switchLanguage, useTexts } from './texts.ts'

/** Runs `task` when the user clicks. Tells the user if the issuer does not answer. */
const useIssuerButton = (task: () => Promise<void>) => {
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState(false)
  const click = () => {
    setBusy(true)
    setFailed(false)
    task()
      .catch(() => setFailed(true))
      .finally(() => setBusy(false))
  }
  return { busy, failed, click }
}

const Header = () => {
  const texts = useTexts()
  const user = useUser()
  const leave = useIssuerButton(signOut)
  return (
    <header>
      <a className="brand" href="/">
        <img src="/icon.svg" alt="" width="32" height="32" />
        {texts.shop}
      </a>
      <nav>
        <button type="button" className="quiet" onClick={switchLanguage}>
          {texts.otherLanguage}
        </button>
        {user && (
          <button type="button" className="quiet" onClick={leave.click} disabled={leave.busy}>
            {texts.signOut}
          </button>
        )}
      </nav>
      {leave.failed && (
        <p role="alert" className="notice">
          {texts.issuerDown}
        </p>
      )}
    </header>
  )
}

const Welcome = ({ notice }: { notice?: Notice | undefined }) => {
  const texts = useTexts()
  const enter = useIssuerButton(() => signIn(texts.language))
  const shown = enter.failed ? 'issuerDown' : notice
  return (
    <main className="welcome">
      <h1>{texts.intro}</h1>
      <p>{texts.about}</p>
      {shown && (
        <p role="alert" className="notice">
          {texts[shown]}
        </p>
      )}
      <button type="button" className="primary" onClick={enter.click} disabled={enter.busy}>
        {texts.signIn}
      </button>
    </main>
  )
}

const Home = () => {
  const texts = useTexts()
  const profile = useUser()?.profile
  return (
    <main>
      <h1>{texts.hello(profile?.name ?? profile?.email ?? '')}</h1>
      <div className="cards">
        <Account />
        <Orders />
      </div>
    </main>
  )
}

export const App = ({ notice }: { notice: Notice | undefined }) => (
  <>
    <Header />
    {useUser() === null ? <Welcome notice={notice} /> : <Home />}
  </>
)
