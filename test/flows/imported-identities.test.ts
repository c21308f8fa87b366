// `dojang users import` with identities: people who had only Kakao, Google or Naver in the old system.
import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { auditEvents } from '../support/audit-events.ts'
import { callOperation } from '../support/call-operation.ts'
import { linkTo } from '../support/mailbox.ts'
import { signedInAs, through, useUpstream } from '../support/upstream.ts'

const upstream = useUpstream()

const importLines = (...records: object[]) =>
  callOperation(upstream.issuer.app.operations, 'users.import', {
    lines: records.map((record, index) => ({ line: index + 1, record })),
  }) as Promise<{ outcome: string; id?: string; reason?: string }[]>

const show = (user: string) => callOperation(upstream.issuer.app.operations, 'users.show', { user })

describe.each(['kakao', 'google', 'naver'] as const)('importing a member who only has %s', (provider) => {
  test(`the member signs in with ${provider} and gets the imported account (F9)`, async () => {
    const subject = upstream.people.of(provider)
    const record = { id: 42, name: '김도장', identities: [{ provider, subject }] }
    const [imported] = await importLines(record)
    expect(imported).toMatchObject({ outcome: 'created' })
    const agent = upstream.issuer.browser()
    const page = await through(agent, provider, subject)
    expect(page.location?.pathname).toBe('/account')
    expect(await signedInAs(agent)).toBe(imported?.id)
    expect(await show(imported?.id ?? '')).toMatchObject({
      claims: { legacy_id: 42 },
      login_methods: [provider],
    })

    const [again] = await importLines(record)
    expect(again).toMatchObject({ outcome: 'skipped', id: imported?.id })
  })
})

test('an imported user may have an address, a username and two identities', async () => {
  const [kakao, google] = [upstream.people.kakao(), upstream.people.google()]
  const username = `u${randomToken(8)}`
  const [imported] = await importLines({
    email: `${username}@example.com`,
    username,
    identities: [
      { provider: 'kakao', subject: kakao },
      { provider: 'google', subject: google },
    ],
  })
  expect(imported).toMatchObject({ outcome: 'created' })
  for (const [provider, subject] of [
    ['kakao', kakao],
    ['google', google],
  ] as const) {
    const agent = upstream.issuer.browser()
    await through(agent, provider, subject)
    expect(await signedInAs(agent), provider).toBe(imported?.id)
  }
})

test('two lines with the same identity give one user, and a taken username is refused', async () => {
  const subject = upstream.people.kakao()
  const username = `u${randomToken(8)}`
  const identities = [{ provider: 'kakao', subject }]
  const other = [{ provider: 'kakao', subject: upstream.people.kakao() }]
  const [first, second, third] = await importLines(
    { id: 1, username, identities },
    { id: 2, identities },
    { id: 3, email: `${username}@example.com`, username, identities: other },
  )
  expect(first).toMatchObject({ outcome: 'created' })
  expect(second).toMatchObject({ outcome: 'skipped', id: first?.id })
  expect(third).toMatchObject({ outcome: 'refused', reason: `${first?.id} already has this username.` })
})

test.each([
  ['an unknown provider', [{ provider: 'line', subject: '1' }], /"provider"/],
  ['an address as the subject', [{ provider: 'kakao', subject: 'jane@example.com' }], /"subject"/],
  ['a missing subject', [{ provider: 'kakao' }], /"subject"/],
  [
    'the same identity twice',
    Array.from({ length: 2 }, () => ({ provider: 'kakao', subject: '1' })),
    /twice/,
  ],
  ['a text', 'kakao:1', /"identities"/],
  ['an empty list and no name to sign in with', [], /username/],
])('the import refuses a line whose identities are %s', async (_, identities, reason) => {
  const [refused] = await importLines({ id: 1, identities })
  expect(refused).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(reason) })
})

describe('an import with addIdentities of a user who exists', () => {
  type Report = { outcome: string; id?: string; reason?: string }

  const add = async (record: object, options: object = {}): Promise<Report | undefined> => {
    const lines = [{ line: 1, record }]
    const input = { lines, addIdentities: true, ...options }
    const report = await callOperation(upstream.issuer.app.operations, 'users.import', input)
    return (report as Report[])[0]
  }

  const methods = async (user: string) => ((await show(user)) as { login_methods: string[] }).login_methods

  const kakaoOf = (subject = upstream.people.kakao()) => ({ provider: 'kakao', subject })
  const naverOf = (subject = upstream.people.naver()) => ({ provider: 'naver', subject })
  const newEmail = () => `u${randomToken(8).toLowerCase().replaceAll(/[_-]/g, 'x')}@example.com`

  test('adds what is new if both addresses are verified, and the user signs in with it (F9, F10)', async () => {
    const email = newEmail()
    const { id } = await upstream.issuer.user({ email, name: 'Jane' })
    const kakao = kakaoOf()
    const record = { email, email_verified: true, name: 'Mallory', identities: [kakao] }
    expect(await add(record, { check: true })).toMatchObject({ outcome: 'ok', id })
    expect(await methods(id)).toEqual(['password'])
    expect(await add(record)).toMatchObject({ outcome: 'updated', id, reason: 'Added: kakao.' })
    const agent = upstream.issuer.browser()
    await through(agent, 'kakao', kakao.subject)
    expect(await signedInAs(agent)).toBe(id)
    expect(await show(id)).toMatchObject({ name: 'Jane', login_methods: ['password', 'kakao'] })
    expect(auditEvents(upstream.issuer, id)).toContainEqual(
      expect.objectContaining({ type: 'identity.linked', actor: 'admin', reason: 'kakao' }),
    )
    expect(await add(record)).toMatchObject({ outcome: 'skipped', id })
  })

  test('adds it to the user who was imported from the line with the same id, or who has one of its identities', async () => {
    const [kakao, naver, other] = [kakaoOf(), naverOf(), naverOf()]
    const record = { id: 7, email: newEmail() }
    const [imported] = await importLines(record)
    expect(await add({ ...record, identities: [kakao] })).toMatchObject({ outcome: 'updated' })
    expect(await methods(imported?.id ?? '')).toEqual(['kakao'])
    expect(await add({ id: 8, identities: [kakao, naver, other] })).toMatchObject({
      outcome: 'updated',
      id: imported?.id,
      reason: 'Added: naver, naver.',
    })
    expect(await methods(imported?.id ?? '')).toEqual(['kakao', 'naver', 'naver'])
  })

  test('gives no identity back that the owner of the address removed with a new password (F10)', async () => {
    const [email, identity] = [newEmail(), kakaoOf()]
    const record = { id: 9, email, identities: [identity] }
    const [imported] = await importLines(record)
    const owner = upstream.issuer.browser()
    await owner.submit('/forgot-password', { email })
    await owner.follow(await owner.get(await linkTo(upstream.issuer, email, 'reset_password')))
    await owner.submit('/reset-password', { password: 'wipe cactus ninety plaster' })
    expect(await methods(imported?.id ?? '')).toEqual(['password'])
    for (const check of [true, false])
      expect(await add(record, { check })).toMatchObject({ outcome: 'skipped', id: imported?.id })
    expect(await methods(imported?.id ?? '')).toEqual(['password'])
  })

  test.each([
    ['whose address is not verified', { emailVerified: false }, { email_verified: true }],
    ['if the line does not say that the address is verified', {}, {}],
    ['with another id in the old system', { emailVerified: false, claims: { legacy_id: 1 } }, { id: 2 }],
    ['with an id of another type', { emailVerified: false, claims: { legacy_id: 1 } }, { id: '1' }],
    ['who is disabled', { disabledAt: new Date() }, { email_verified: true }],
  ])('adds nothing to a user %s (F10)', async (_, facts, members) => {
    const email = newEmail()
    const { id } = await upstream.issuer.user({ email, ...facts })
    const report = await add({ email, ...members, identities: [kakaoOf()] })
    expect(report).toMatchObject({ outcome: 'skipped', id })
    expect(report?.reason).toMatch(/got no identity/)
    expect(await methods(id)).toEqual(['password'])
  })

  test('never takes an identity from another user (F9)', async () => {
    const [mine, theirs] = [kakaoOf(), naverOf()]
    const [owner] = await importLines({ identities: [theirs] })
    const email = newEmail()
    const { id } = await upstream.issuer.user({ email })
    const record = { email, email_verified: true, identities: [mine, theirs] }
    for (const check of [true, false])
      expect(await add(record, { check })).toMatchObject({
        outcome: 'refused',
        id,
        reason: `${owner?.id} already has this identity of naver.`,
      })
    expect(await methods(id)).toEqual(['password'])
    expect(await methods(owner?.id ?? '')).toEqual(['naver'])
  })

  test('exactly one of two users gets an identity that two imports add at once (F9)', async () => {
    const kakao = kakaoOf()
    const emails = [newEmail(), newEmail()]
    for (const email of emails) await upstream.issuer.user({ email })
    const reports = await Promise.all(
      emails.map((email) => add({ email, email_verified: true, identities: [kakao] })),
    )
    expect(reports.map((report) => report?.outcome).toSorted()).toEqual(['refused', 'updated'])
  })

  test('without the option a user who exists gets nothing', async () => {
    const email = newEmail()
    const { id } = await upstream.issuer.user({ email })
    const [report] = await importLines({ email, email_verified: true, identities: [kakaoOf()] })
    expect(report).toMatchObject({ outcome: 'skipped', id })
    expect(await methods(id)).toEqual(['password'])
  })
})
