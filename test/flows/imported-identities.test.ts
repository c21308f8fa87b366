// `dojang users import` with identities: people who had only Kakao, Google or Naver in the old system.
import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { callOperation } from '../support/call-operation.ts'
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
