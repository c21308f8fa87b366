import { auth, signIn } from '../auth.js'
import { Workbench } from './workbench.jsx'

export default async function Page() {
  const session = await auth()
  if (!session)
    return (
      <main>
        <h1>Dojang with Next.js</h1>
        <form
          action={async () => {
            'use server'
            await signIn('dojang')
          }}
        >
          <button type="submit">Sign in</button>
        </form>
      </main>
    )
  return (
    <main>
      <h1>Hello, {session.user.name ?? session.user.email}</h1>
      <Workbench />
    </main>
  )
}
