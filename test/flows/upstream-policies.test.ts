import { describe, expect, test } from 'vitest'
import { signedInAs, start, through, useUpstream } from '../support/upstream.ts'

const upstream = useUpstream({
  env: { LINK_VERIFIED_EMAILS: 'off', REGISTRATION: 'off', KAKAO_PKCE: 'off' },
})
const { people } = upstream

describe('features that are turned off', () => {
  test('with linking by address off, a user confirms the link even if both sides verified the address (F10)', async () => {
    const user = await upstream.issuer.user({ email: 'both@gmail.com', emailVerified: true })
    const agent = upstream.issuer.browser()
    const page = await through(agent, 'google', people.google({ email: user.email }))
    expect(page.location?.pathname).toBe('/login/link')
    expect(await signedInAs(agent)).toBeUndefined()
    const shown = await agent.follow(page)
    expect(shown.body).not.toMatch(/value="(claim|apart)"/)
    const confirmation = page.location?.searchParams.get('confirmation') ?? ''
    await agent.submit('/login/link', { confirmation, way: 'password', password: user.password })
    expect(await signedInAs(agent)).toBe(user.id)
  })

  test('with registration off, a sign-in at a provider creates no account, and the page says so', async () => {
    const person = people.kakao()
    const agent = upstream.issuer.browser()
    const page = await agent.follow(await through(agent, 'kakao', person, { ui_locales: 'ko' }))
    expect(page.status).toBe(403)
    expect(page.body).toContain('새 계정은 관리자만 만들 수 있어요')
    expect(await upstream.issuer.stores.identities.find('kakao', person)).toBeUndefined()
    expect(await signedInAs(agent)).toBeUndefined()
    expect((await upstream.auditRecords())[0]).toMatchObject({
      type: 'login.failed',
      reason: 'kakao: no account, and registration is off',
    })
  })

  test('with PKCE at Kakao off, the request to Kakao has a nonce but no code_challenge (F15)', async () => {
    const to = await start(upstream.issuer.browser(), 'kakao')
    expect(to.searchParams.has('code_challenge')).toBe(false)
    expect(to.searchParams.has('nonce')).toBe(true)
    const google = await start(upstream.issuer.browser(), 'google')
    expect(google.searchParams.has('code_challenge')).toBe(true)
  })
})
