import { useApi } from './api.ts'
import { Card } from './card.tsx'
import { useUser } from './session/use-user.ts'
import { useTexts } from './texts.ts'

/** The name comes from the ID token, and the customer number from the API. */
export const Account = () => {
  const texts = useTexts()
  const profile = useUser()?.profile
  return (
    <Card title={texts.account} answer={useApi<{ subject: string }>('/me')}>
      {({ subject }) => (
        <dl>
          <dt>{texts.name}</dt>
          <dd>{profile?.name ?? '–'}</dd>
          <dt>{texts.email}</dt>
          <dd>{profile?.email ?? '–'}</dd>
          <dt>{texts.id}</dt>
          <dd className="code">{subject}</dd>
        </dl>
      )}
    </Card>
  )
}
