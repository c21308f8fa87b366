import { describe, expect, test } from 'vitest'
import {
  type EmailLink,
  type LinkEffect,
  type LinkPurpose,
  linkPurposes,
  newEmailLink,
} from '../../src/email-links/email-link.ts'
import { identityOf } from '../../src/identities/identity.ts'
import type { QueuedMail } from '../../src/mail/mail-queue.ts'
import { randomToken } from '../../src/secrets.ts'
import { type NewUser, newUserId } from '../../src/users/user.ts'
import { atOnce, onLastingBackends } from './lasting-backends.ts'
import { at, aUser, start } from './records.ts'

const address = () => `${Buffer.from(randomToken(9)).toString('hex')}@example.com`

const aMail = (userId?: string): QueuedMail => ({
  id: randomToken(16),
  kind: 'test',
  sealed: 'sealed',
  createdAt: start,
  ...(userId !== undefined && { userId }),
})

const effects: Record<LinkPurpose, LinkEffect> = {
  confirm_email: { purpose: 'confirm_email' },
  reset_password: { purpose: 'reset_password', passwordHash: 'a new hash' },
  change_email: { purpose: 'change_email' },
}

onLastingBackends('links in mails', (stores) => {
  const store = () => stores('emailLinks')
  const mailIds = async () => new Set((await stores('mailQueue').list(10_000)).map(({ id }) => id))

  const created = async (facts: Partial<NewUser> = {}) => {
    const user = { ...aUser({ email: address(), passwordHash: 'the old hash', ...facts }), scopes: [] }
    expect(await stores('users').create(user)).toBe('created')
    return user
  }

  const issued = async (purpose: LinkPurpose, facts: Partial<NewUser> = {}, email?: string) => {
    const user = await created(facts)
    const { link } = newEmailLink(purpose, user, email ?? user.email ?? '', { now: () => start })
    await store().issue(link, aMail(user.id))
    return { user, link }
  }

  const redeem = (link: EmailLink, effect: LinkEffect = effects[link.purpose], now = at(60)) =>
    store().redeem(link.tokenHash, effect, [], now)

  const read = async (id: string) => {
    const user = await stores('users').find(id)
    if (user === undefined) throw new Error('no user')
    return user
  }

  test('a link is found as it was stored, with its mail in the queue', async () => {
    const user = await created()
    const { link } = newEmailLink('confirm_email', user, user.email ?? '', { now: () => start })
    const mail = aMail(user.id)
    await store().issue(link, mail)
    expect(await store().find(link.tokenHash)).toStrictEqual(link)
    expect(await mailIds()).toContain(mail.id)
    expect(await store().find('unknown')).toBeUndefined()
  })

  test('a new link ends the earlier one of the same user and purpose, and no other link', async () => {
    const { user, link: first } = await issued('confirm_email')
    const { link: reset } = newEmailLink('reset_password', user, user.email ?? '', { now: () => start })
    const { link: second } = newEmailLink('confirm_email', user, user.email ?? '', { now: () => at(1) })
    await store().issue(reset, aMail())
    await store().issue(second, aMail())
    expect(await store().find(first.tokenHash)).toBeUndefined()
    expect(await redeem(first)).toBe('dead')
    expect(await store().find(second.tokenHash)).toStrictEqual(second)
    expect(await store().find(reset.tokenHash)).toStrictEqual(reset)
  })

  describe('register', () => {
    test('a registration stores the user, the link and the mail together', async () => {
      const user = aUser({ email: address() })
      const { link } = newEmailLink('confirm_email', user, user.email ?? '', { now: () => start })
      const mail = aMail(user.id)
      expect(await store().register(user, link, mail)).toBe('created')
      expect(await stores('users').find(user.id)).toStrictEqual({ ...user, scopes: [] })
      expect(await store().find(link.tokenHash)).toStrictEqual(link)
      expect(await mailIds()).toContain(mail.id)
    })

    test('a registration with a name in use stores no user, no link and no mail', async () => {
      const username = `name-${randomToken(8).replaceAll(/[_-]/g, 'x')}`
      const taken = await created({ username })
      const cases = [
        [aUser({ email: taken.email ?? '' }), 'email_taken'],
        [aUser({ email: address(), username }), 'username_taken'],
      ] as const
      for (const [user, outcome] of cases) {
        const { link } = newEmailLink('confirm_email', user, user.email ?? '', { now: () => start })
        const mail = aMail()
        expect(await store().register(user, link, mail)).toBe(outcome)
        expect(await stores('users').find(user.id)).toBeUndefined()
        expect(await store().find(link.tokenHash)).toBeUndefined()
        expect(await mailIds()).not.toContain(mail.id)
      }
    })
  })

  describe('redeem', () => {
    test('a confirmed address is verified, and nothing else of the user changes', async () => {
      const { user, link } = await issued('confirm_email')
      expect(await redeem(link)).toBe('redeemed')
      expect(await read(user.id)).toStrictEqual({ ...user, emailVerified: true, updatedAt: at(60) })
    })

    test('a reset stores the password, verifies the address and moves the cut-off, with its mails', async () => {
      const { user, link } = await issued('reset_password')
      const mails = [aMail(user.id), aMail(user.id)]
      expect(await store().redeem(link.tokenHash, effects.reset_password, mails, at(60))).toBe('redeemed')
      expect(await read(user.id)).toStrictEqual({
        ...user,
        passwordHash: 'a new hash',
        emailVerified: true,
        tokensValidAfter: at(60),
        updatedAt: at(60),
      })
      const kept = await mailIds()
      expect(mails.every(({ id }) => kept.has(id))).toBe(true)
    })

    test('a changed address is stored and verified, and the old one is free', async () => {
      const email = address()
      const { user, link } = await issued('change_email', { emailVerified: true }, email)
      expect(await redeem(link)).toBe('redeemed')
      expect(await read(user.id)).toStrictEqual({ ...user, email, updatedAt: at(60) })
      expect(await stores('users').findByLogin(user.email ?? '')).toBeUndefined()
    })

    test('an address that another user took in the meantime changes nothing and sends no mail', async () => {
      const email = address()
      const { user, link } = await issued('change_email', {}, email)
      await created({ email })
      const mail = aMail(user.id)
      expect(await store().redeem(link.tokenHash, effects.change_email, [mail], at(60))).toBe('email_taken')
      expect((await read(user.id)).email).toBe(user.email)
      expect(await mailIds()).not.toContain(mail.id)
    })

    test.each(linkPurposes)('a %s link works once, and an expired one never (F19)', async (purpose) => {
      const { link } = await issued(purpose, {}, address())
      expect(await redeem(link)).toBe('redeemed')
      expect(await redeem(link)).toBe('dead')
      const late = await issued(purpose, {}, address())
      const mail = aMail()
      expect(await store().redeem(late.link.tokenHash, effects[purpose], [mail], late.link.expiresAt)).toBe(
        'dead',
      )
      expect(await mailIds()).not.toContain(mail.id)
      expect((await read(late.user.id)).updatedAt).toEqual(start)
    })

    test('end ends the link of one user and one purpose (F19)', async () => {
      const { user, link } = await issued('change_email', {}, address())
      const other = await issued('change_email', {}, address())
      await store().end(user.id, 'reset_password')
      expect(await store().find(link.tokenHash)).toStrictEqual(link)
      await store().end(user.id, 'change_email')
      await store().end(user.id, 'change_email')
      expect(await redeem(link)).toBe('dead')
      expect(await redeem(other.link)).toBe('redeemed')
    })

    test.each(linkPurposes)('a %s link does nothing for another purpose (F19)', async (purpose) => {
      const { user, link } = await issued(purpose, {}, address())
      for (const other of linkPurposes.filter((one) => one !== purpose))
        expect(await redeem(link, effects[other])).toBe('dead')
      expect(await read(user.id)).toStrictEqual(user)
      expect(await redeem(link)).toBe('redeemed')
    })

    test.each([
      ['a new password', { passwordHash: 'another hash' }],
      ['a new address', { email: 'replaced' }],
      ['a disabled user', { disabledAt: start }],
      ['the end of all access', { tokensValidAfter: start }],
    ])('%s ends every link of the user (E4, F19)', async (_, change) => {
      for (const purpose of linkPurposes) {
        const { user, link } = await issued(purpose, {}, address())
        const changed = { ...change, ...('email' in change && { email: address() }) }
        await stores('users').change(user.id, changed, at(1))
        const before = await read(user.id)
        expect(await redeem(link)).toBe('dead')
        expect(await read(user.id)).toStrictEqual(before)
      }
    })

    test('a link of a deleted user does not exist (F19)', async () => {
      const { user, link } = await issued('reset_password')
      await stores('users').delete(user.id, start)
      expect(await store().find(link.tokenHash)).toBeUndefined()
      expect(await redeem(link)).toBe('dead')
    })

    test('a reset of an account with an unverified address removes its identities and consents (F10)', async () => {
      for (const emailVerified of [true, false]) {
        const { user, link } = await issued('reset_password', { emailVerified })
        const person = { provider: 'kakao', subject: randomToken(8), emailVerified: false }
        const identity = identityOf(person, user.id, start)
        expect(await stores('identities').link(identity, user)).toBe('linked')
        expect(await redeem(link)).toBe('redeemed')
        expect(await stores('identities').listOfUser(user.id)).toEqual(emailVerified ? [identity] : [])
      }
    })

    test('exactly one of 50 concurrent calls redeems the link, and its mail is queued once (F19)', async () => {
      const { user, link } = await issued('reset_password')
      const mails = Array.from({ length: 50 }, () => aMail(user.id))
      const outcomes = await atOnce(50, (index) =>
        store().redeem(
          link.tokenHash,
          { purpose: 'reset_password', passwordHash: `hash ${index}` },
          mails.slice(index, index + 1),
          at(60),
        ),
      )
      expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1)
      expect((await read(user.id)).passwordHash).toBe(`hash ${outcomes.indexOf('redeemed')}`)
      const kept = await mailIds()
      expect(mails.filter(({ id }) => kept.has(id))).toHaveLength(1)
    })

    test('exactly one of 50 concurrent calls confirms an address (F19)', async () => {
      const { link } = await issued('confirm_email')
      const outcomes = await atOnce(50, () => redeem(link))
      expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1)
    })

    test('a redeem and a concurrent change of the password never both take effect on the old account (E4)', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { user, link } = await issued('reset_password')
        const [outcome, changed] = await Promise.all([
          redeem(link),
          stores('users').changePassword(user, 'chosen by the user'),
        ])
        const won = [outcome === 'redeemed', changed !== undefined]
        expect(won.filter(Boolean)).toHaveLength(1)
      }
    })
  })

  test('an unknown user id in a link is refused by its own user only', async () => {
    const [mine, other] = [await issued('confirm_email'), await created()]
    expect(await redeem(mine.link)).toBe('redeemed')
    expect((await read(other.id)).emailVerified).toBe(false)
    expect(await store().redeem(newUserId(), effects.confirm_email, [], at(60))).toBe('dead')
  })
})
