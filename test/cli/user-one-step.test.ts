// A command that changes a user stores everything in one step, so a killed command leaves nothing half done.
import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { Unavailable } from '../../src/unavailable.ts'
import { interruptedStores } from '../support/interrupted-stores.ts'
import { mailKindsTo } from '../support/mailbox.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { useIssuer } from '../support/use-issuer.ts'

const stores = memoryStores()

/** A mail that is queued after its change is lost here, as if the process was killed between the two. */
const enqueue = async () => {
  throw new Unavailable('the mail queue of the test')
}
const interrupted = interruptedStores({ ...stores, mailQueue: { ...stores.mailQueue, enqueue } })
const issuer = useIssuer({ stores: interrupted.stores })

const address = () => `${Buffer.from(randomToken(9)).toString('hex')}@example.com`

test('a new address that an admin stores is never without its mail to the old address (F18)', async () => {
  const [user, email] = [await issuer.user(), address()]
  const changed = await issuer.app.operations['users.update']({ user: user.id, email })
  expect(changed).toMatchObject({ email, email_verified: false })
  expect(await mailKindsTo(issuer, user.email)).toEqual(['email_changed'])
})

test('an address that another user has is refused without a mail (F18)', async () => {
  const [user, other] = [await issuer.user(), await issuer.user()]
  const update = issuer.app.operations['users.update']({ user: user.id, email: other.email })
  await expect(update).rejects.toMatchObject({ code: 'exists' })
  expect(await mailKindsTo(issuer, user.email)).toEqual([])
})

test('a password that an admin sets is never without its mail (F18)', async () => {
  const [user, password] = [await issuer.user(), randomToken(16)]
  await issuer.app.operations['users.set-password']({ user: user.id, password })
  expect((await issuer.json('/api/token', { email: user.email, password })).status).toBe(200)
  expect(await mailKindsTo(issuer, user.email)).toContain('password_changed')
})

test('a user gets no identity of an imported line if somebody takes one of them during the import (F9)', async () => {
  const user = await issuer.user()
  const identities = ['kakao', 'naver'].map((provider) => ({ provider, subject: randomToken(8) }))
  const line = (members: object) => [{ line: 1, record: { identities, ...members } }]
  const taken = line({ identities: identities.slice(1) })
  // The import looks for the owner of each identity first. Then another import takes the second one.
  interrupted.after('identities.find', async () =>
    interrupted.after('identities.find', () => issuer.app.operations['users.import']({ lines: taken })),
  )
  const lines = line({ email: user.email, email_verified: true })
  const [report] = await issuer.app.operations['users.import']({ lines, addIdentities: true })
  expect(interrupted.takeUnreached()).toEqual([])
  expect(report).toMatchObject({ outcome: 'refused', id: user.id })
  expect(await stores.identities.listOfUser(user.id)).toEqual([])
  expect(await mailKindsTo(issuer, user.email)).toEqual([])
})
