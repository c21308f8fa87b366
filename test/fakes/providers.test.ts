// Tests of the fake providers. A fake with a wrong answer makes the tests that use it worthless.
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { faults } from '../../fakes/faults.ts'
import { type FakeGoogle, fakeGoogle } from '../../fakes/google.ts'
import { idTokenFaults } from '../../fakes/id-token.ts'
import { type FakeKakao, fakeKakao } from '../../fakes/kakao.ts'
import { kakaoPerson, missingEmails } from '../../fakes/kakao-people.ts'
import { type FakeNaver, fakeNaver } from '../../fakes/naver.ts'
import { testClock } from '../support/clock.ts'
import { claimsOf, headerOf, pkce } from '../support/issuer.ts'

const clock = testClock()
const app = { clientId: 'the-app', clientSecret: 'the-secret', clock }
const callback = 'https://issuer.example/callback'

let kakao: FakeKakao
let google: FakeGoogle
let naver: FakeNaver

beforeAll(async () => {
  ;[kakao, google, naver] = await Promise.all([
    fakeKakao({ ...app, adminKey: 'the-admin-key', redirectUris: [callback] }),
    fakeGoogle(app),
    fakeNaver(app),
  ])
})
beforeEach(() => {
  const plain = { faults: {}, without: [], cancel: false, codeReuse: false }
  Object.assign(kakao.knobs, plain, { verifierCheck: true, rotateKeysAtToken: false, person: undefined })
  Object.assign(google.knobs, plain, { verifierCheck: true, rotateKeysAtToken: false, person: undefined })
  kakao.knobs.idToken = undefined
  google.knobs.idToken = undefined
})
afterAll(() => Promise.all([kakao, google, naver].map((one) => one?.close())))

const minji = '3141592653'

const authorizeUrl = (origin: string, path: string, params: Record<string, string> = {}) => {
  const all = {
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: callback,
    state: 's',
    ...params,
  }
  return `${origin}${path}?${new URLSearchParams(all)}`
}
const kakaoUrl = (params: Record<string, string> = {}) =>
  authorizeUrl(kakao.origin, '/oauth/authorize', params)
const googleUrl = (params: Record<string, string> = {}) =>
  authorizeUrl(google.origin, '/o/oauth2/v2/auth', { scope: 'openid email profile', ...params })

const visit = async (url: string, init: RequestInit = {}, language = 'ko-KR') => {
  const headers = { 'accept-language': language }
  const response = await fetch(url, { redirect: 'manual', headers, ...init })
  const location = response.headers.get('location')
  const back = location === null ? {} : Object.fromEntries(new URL(location).searchParams)
  return { status: response.status, body: await response.text(), location, back, headers: response.headers }
}

const post = async (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers })
  const json = (await response.json()) as Record<string, never>
  return { status: response.status, json }
}

const kakaoTokens = (code: string, fields: Record<string, string> = {}) =>
  post(`${kakao.origin}/oauth/token`, {
    grant_type: 'authorization_code',
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uri: callback,
    code,
    ...fields,
  })
const googleTokens = (code: string, fields: Record<string, string> = {}) =>
  post(
    `${google.origin}/token`,
    { grant_type: 'authorization_code', redirect_uri: callback, code, ...fields },
    { authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}` },
  )

const kakaoCode = async (params: Record<string, string> = {}) =>
  (await visit(kakaoUrl({ person: minji, ...params }))).back.code ?? ''
const googlePerson = '101010101010101010101'
const googleCode = async (params: Record<string, string> = {}) =>
  (await visit(googleUrl({ person: googlePerson, ...params }))).back.code ?? ''

const get = async (url: string, token?: string) => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, { headers })
  const json = (await response.json()) as Record<string, never>
  return { status: response.status, json }
}

/** True if one of the keys that are published now signed the token. */
const isGenuine = async (token: string, jwksUrl: string): Promise<boolean> => {
  const { keys } = (await (await fetch(jwksUrl)).json()) as { keys: (JsonWebKey & { kid: string })[] }
  const jwk = keys.find(({ kid }) => kid === headerOf(token).kid)
  if (jwk === undefined || headerOf(token).alg !== 'RS256') return false
  const [header, payload, signature = ''] = token.split('.')
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
}
const kakaoJwks = () => `${kakao.origin}/.well-known/jwks.json`

test.each([
  ['Kakao', () => kakaoUrl(), minji],
  ['Google', () => googleUrl({ prompt: 'consent' }), googlePerson],
  ['Naver', () => authorizeUrl(naver.origin, '/oauth2.0/authorize'), 'oJ3c1fQxk2Yb7Rz0aLw9'],
])('the pages of the fake %s are in the language of the visitor', async (_, url, person) => {
  const agreeing = { method: 'POST', body: new URLSearchParams({ person }) }
  for (const language of ['ko-KR', 'en-US']) {
    const headers = { 'accept-language': language }
    const pages = [await visit(url(), {}, language), await visit(url(), { ...agreeing, headers }, language)]
    for (const { body } of pages) {
      expect(body).toContain(`<html lang="${language.slice(0, 2)}">`)
      const text = body.replace(/<style>[\s\S]*?<\/style>/, '').replaceAll(/<[^>]+>/g, ' ')
      // The app's name, and the names of the people beside their Latin forms, are data.
      const words = text.replaceAll('도장', '').replaceAll(/\((?:김민지|이서준|박하윤|최도윤)\)/g, '')
      if (language === 'en-US') expect(words).not.toMatch(/\p{Script=Hangul}/u)
      else expect(words).not.toMatch(/[a-z]+ [a-z]+ [a-z]+/)
    }
  }
})

describe('Kakao', () => {
  test('a browser can choose a person at Kakao, untick the e-mail item and return with a code', async () => {
    const url = kakaoUrl({ nonce: 'n' })
    const chooser = await visit(url)
    expect(chooser.body).toContain('진짜 카카오에는 연결하지 않아요')
    expect(chooser.body).toContain('이서준')
    const form = (fields: [string, string][]) =>
      visit(url, { method: 'POST', body: new URLSearchParams(fields) })
    const consent = await form([['person', minji]])
    expect(consent.body).toContain('value="account_email"')
    const back = await form([
      ['person', minji],
      ['answer', 'agree'],
      ['scope', 'profile_image'],
    ])
    expect(back.status).toBe(302)
    expect(back.location).toMatch(/^https:\/\/issuer\.example\/callback\?/)
    expect(back.back).toEqual({ code: expect.any(String), state: 's' })
    const { json } = await kakaoTokens(back.back.code ?? '')
    expect(json).toMatchObject({
      token_type: 'bearer',
      expires_in: 21599,
      refresh_token_expires_in: 5183999,
      scope: 'openid profile_nickname profile_image',
    })
    expect(claimsOf(json.id_token ?? '')).not.toHaveProperty('email')
    const me = await get(`${kakao.origin}/v2/user/me`, json.access_token)
    expect(me.json.kakao_account).toMatchObject({ email_needs_agreement: true })
    expect(me.json.kakao_account).not.toHaveProperty('email')
    // The person is connected now, so Kakao shows no consent page.
    expect((await form([['person', minji]])).status).toBe(302)
    await kakao.disconnect(minji)
  })

  test('Kakao asks a connected person again for a required item without consent', async () => {
    await kakaoTokens(await kakaoCode({ scope: 'profile_nickname' }))
    const { json } = await kakaoTokens(await kakaoCode())
    expect(json.scope).toContain('openid')
    expect(json).toHaveProperty('id_token')
    await kakao.disconnect(minji)
  })

  test('Kakao’s ID token has all its claims, and one of the two published keys signed it', async () => {
    const code = await kakaoCode({ nonce: 'n-1' })
    const { json } = await kakaoTokens(code)
    const token = String(json.id_token)
    const now = Math.floor(clock.now().getTime() / 1000)
    expect(claimsOf(token)).toEqual({
      iss: 'https://kauth.kakao.com',
      aud: app.clientId,
      sub: minji,
      nonce: 'n-1',
      iat: now,
      exp: now + 21599,
      auth_time: now,
      nickname: '김민지',
      email: 'minji@example.com',
      picture: expect.any(String),
    })
    expect(await isGenuine(token, kakaoJwks())).toBe(true)
    expect((await get(kakaoJwks())).json.keys).toHaveLength(2)
    const info = await get(`${kakao.origin}/v1/user/access_token_info`, json.access_token)
    expect(info.json).toEqual({ id: Number(minji), expires_in: 21599, app_id: Number(kakao.appId) })
  })

  test('Kakao redeems a code once, checks its verifier and redirect URI, and repeats the code in the refusal', async () => {
    const { verifier, challenge } = pkce()
    const asked = { code_challenge: challenge, code_challenge_method: 'S256' }
    const code = await kakaoCode(asked)
    expect((await kakaoTokens(code, { code_verifier: 'wrong' })).status).toBe(400)
    expect((await kakaoTokens(code, { redirect_uri: 'https://x.example' })).json.error_code).toBe('KOE303')
    expect((await kakaoTokens(code, { client_secret: 'x' })).json.error_code).toBe('KOE010')
    expect((await kakaoTokens(code, { code_verifier: verifier })).status).toBe(200)
    expect(await kakaoTokens(code, { code_verifier: verifier })).toEqual({
      status: 400,
      json: {
        error: 'invalid_grant',
        error_code: 'KOE320',
        error_description: `authorization code not found for code=${code}`,
      },
    })
    kakao.knobs.codeReuse = true
    kakao.knobs.verifierCheck = false
    expect((await kakaoTokens(code)).status).toBe(200)
  })

  test('Kakao refuses a cancelled sign-in, an unregistered redirect URI, and a prompt=none that needs a page', async () => {
    expect((await visit(kakaoUrl({ prompt: 'none' }))).back.error).toBe('consent_required')
    const body = new URLSearchParams({ answer: 'cancel' })
    expect((await visit(kakaoUrl(), { method: 'POST', body })).back).toEqual({
      error: 'access_denied',
      error_description: 'User denied access',
      state: 's',
    })
    kakao.knobs.cancel = true
    expect((await visit(kakaoUrl())).back.error).toBe('access_denied')
    const wrong = await visit(kakaoUrl({ redirect_uri: 'https://evil.example/' }))
    expect([wrong.status, wrong.location]).toEqual([400, null])
    expect(wrong.body).toContain('KOE006')
  })

  test.each(missingEmails)('Kakao gives no usable address in the e-mail case %s', async (emailCase) => {
    const id = 900 + missingEmails.indexOf(emailCase)
    kakao.people.push(kakaoPerson({ id, nickname: '아무개', emailCase }))
    const { json } = await kakaoTokens(await kakaoCode({ person: String(id) }))
    const claims = claimsOf(String(json.id_token))
    expect(claims).not.toHaveProperty('email')
    expect(claims.nickname).toBe(emailCase === 'no_account' ? undefined : '아무개')
    const { kakao_account: account } = (await get(`${kakao.origin}/v2/user/me`, json.access_token)).json
    const {
      email,
      is_email_valid: valid,
      is_email_verified: verified,
    } = (account ?? {}) as Record<string, unknown>
    expect(email !== undefined && valid && verified).toBe(false)
    expect(account).toEqual(
      {
        no_account: undefined,
        no_email: expect.objectContaining({ has_email: false }),
        declined: expect.objectContaining({ email_needs_agreement: true }),
        invalid: expect.objectContaining({ is_email_valid: false, email: expect.any(String) }),
        unverified: expect.objectContaining({ is_email_verified: false, email: expect.any(String) }),
        no_email_item: expect.not.objectContaining({ email_needs_agreement: expect.anything() }),
        nickname_only: { profile_nickname_needs_agreement: false, profile: { nickname: '아무개' } },
      }[emailCase],
    )
  })

  test('an unlink by the app invalidates the tokens, and the admin key works for each connected person', async () => {
    const { json } = await kakaoTokens(await kakaoCode())
    const unlink = `${kakao.origin}/v1/user/unlink`
    const target = { target_id_type: 'user_id', target_id: minji }
    const asAdmin = { authorization: 'KakaoAK the-admin-key' }
    expect((await post(unlink, target, { authorization: 'KakaoAK wrong' })).json.code).toBe(-401)
    expect((await post(unlink, target, asAdmin)).json).toEqual({ id: Number(minji) })
    expect((await get(`${kakao.origin}/v2/user/me`, json.access_token)).json).toEqual({
      msg: 'this access token does not exist',
      code: -401,
    })
    expect((await post(unlink, target, asAdmin)).json.code).toBe(-101)
    const fields = { grant_type: 'refresh_token', refresh_token: json.refresh_token ?? '' }
    expect((await kakaoTokens('', fields)).json.error_code).toBe('KOE322')
  })
})

describe('Google', () => {
  test('Google’s redirect has iss and hd, and its ID token has azp, at_hash and hd', async () => {
    const seojun = '202020202020202020202'
    const { back } = await visit(googleUrl({ person: seojun, nonce: 'n' }))
    expect(back).toMatchObject({ iss: 'https://accounts.google.com', hd: 'hanok.example' })
    expect(back.code).toMatch(/^4\/0A/)
    const { json } = await googleTokens(back.code ?? '')
    const token = String(json.id_token)
    expect(claimsOf(token)).toMatchObject({
      iss: 'https://accounts.google.com',
      azp: app.clientId,
      aud: app.clientId,
      sub: seojun,
      email: 'seojun@hanok.example',
      email_verified: true,
      hd: 'hanok.example',
      nonce: 'n',
      at_hash: expect.any(String),
    })
    expect(json).not.toHaveProperty('refresh_token')
    expect(await isGenuine(token, `${google.origin}/oauth2/v3/certs`)).toBe(true)
  })

  test('Google leaves out iss and email_verified on demand, and gives a refresh token only at the first consent', async () => {
    google.people.push({ id: '5', name: '정지우', email: 'jiwoo@example.com', emailVerified: undefined })
    google.knobs.answerIssuer = null
    const { back } = await visit(googleUrl({ person: '5', access_type: 'offline' }))
    google.knobs.answerIssuer = 'https://accounts.google.com'
    expect(back).not.toHaveProperty('iss')
    const { json } = await googleTokens(back.code ?? '')
    expect(claimsOf(String(json.id_token))).not.toHaveProperty('email_verified')
    expect(json.refresh_token).toMatch(/^1\/\//)
    const next = await visit(googleUrl({ person: '5', access_type: 'offline' }))
    expect((await googleTokens(next.back.code ?? '')).json).not.toHaveProperty('refresh_token')
    const token = String(json.refresh_token)
    expect((await post(`${google.origin}/revoke`, { token })).status).toBe(200)
    expect((await post(`${google.origin}/revoke`, { token })).json.error).toBe('invalid_token')
    expect((await get(`${google.origin}/v1/userinfo`, json.access_token)).status).toBe(401)
  })

  test('a wrong or missing verifier does not spend a code of Google', async () => {
    const { verifier, challenge } = pkce()
    const code = await googleCode({ code_challenge: challenge, code_challenge_method: 'S256' })
    expect((await googleTokens(code)).json.error_description).toBe('Missing code verifier.')
    expect((await googleTokens(code, { code_verifier: 'x' })).json.error_description).toMatch(/Invalid/)
    expect((await googleTokens(code, { code_verifier: verifier })).status).toBe(200)
  })
})

describe('Naver', () => {
  test('Naver sends no ID token, and its profile has the address only if the person agreed', async () => {
    const [minjiAtNaver] = naver.people
    const url = (params: Record<string, string>) =>
      authorizeUrl(naver.origin, '/oauth2.0/authorize', { person: minjiAtNaver?.id ?? '', ...params })
    const credentials = { client_id: app.clientId, client_secret: app.clientSecret }
    const tokens = async (code: string) =>
      post(`${naver.origin}/oauth2.0/token`, { grant_type: 'authorization_code', ...credentials, code })
    const profile = async (params: Record<string, string> = {}) => {
      const { back } = await visit(url(params))
      const { json } = await tokens(back.code ?? '')
      expect(json).toEqual({
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        token_type: 'bearer',
        expires_in: '3600',
      })
      return get(`${naver.origin}/v1/nid/me`, json.access_token)
    }
    expect((await profile({ without: 'email' })).json.response).toEqual({
      id: minjiAtNaver?.id,
      nickname: '김민지',
    })
    naver.disconnect(minjiAtNaver?.id ?? '')
    expect((await profile()).json).toMatchObject({
      resultcode: '00',
      response: { email: 'minji@naver.example' },
    })
    expect(await tokens('unknown')).toMatchObject({ status: 200, json: { error: 'invalid_request' } })
    expect((await get(`${naver.origin}/v1/nid/me`, 'unknown')).status).toBe(401)
  })
})

describe('knobs', () => {
  test.each(idTokenFaults)('the ID token fault %s makes exactly one thing wrong', async (fault) => {
    google.knobs.idToken = fault
    const { json } = await googleTokens(await googleCode({ nonce: 'n' }))
    if (fault === 'absent') return expect(json).not.toHaveProperty('id_token')
    const token = String(json.id_token)
    const { iss, aud, azp, nonce, sub, iat, exp } = claimsOf(token)
    const now = clock.now().getTime() / 1000
    const wrong = [
      !(await isGenuine(token, `${google.origin}/oauth2/v3/certs`)) && 'signature',
      iss !== 'https://accounts.google.com' && 'iss',
      (aud !== app.clientId || azp !== app.clientId) && 'audience',
      nonce !== 'n' && 'nonce',
      sub !== googlePerson && 'sub',
      (Number(iat) > now || Number(exp) <= now) && 'time',
    ].filter(Boolean)
    // With one fault at a time, a test shows that the issuer checks this very thing.
    expect(wrong).toHaveLength(1)
  })

  test('after a rotation at the token endpoint only the new key set has the key of the ID token', async () => {
    const code = await kakaoCode()
    const before = (await get(kakaoJwks())).json.keys as unknown as { kid: string }[]
    kakao.knobs.rotateKeysAtToken = true
    const token = String((await kakaoTokens(code)).json.id_token)
    expect(before.map(({ kid }) => kid)).not.toContain(headerOf(token).kid)
    expect(await isGenuine(token, kakaoJwks())).toBe(true)
  })

  test.each(faults)(
    'the token endpoint answers with the fault %s, and a code is spent only if the provider redeemed it',
    async (fault) => {
      const code = await kakaoCode()
      kakao.knobs.faults.token = fault
      const answer = await fetch(`${kakao.origin}/oauth/token`, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.timeout(300),
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: app.clientId,
          client_secret: app.clientSecret,
          redirect_uri: callback,
          code,
        }),
      }).then(
        async (response) => ({ status: response.status, body: await response.text() }),
        () => undefined,
      )
      const broken = ['reset', 'reset_after_commit', 'hang'].includes(fault)
      expect(answer === undefined).toBe(broken)
      const statuses: Record<string, number> = { status_500: 500, too_many_requests: 429, redirect: 307 }
      if (!broken) expect(answer?.status).toBe(statuses[fault] ?? 200)
      if (fault === 'oversize') expect(answer?.body.length).toBeGreaterThan(4_000_000)
      if (fault === 'not_json') expect(() => JSON.parse(answer?.body ?? '')).toThrow()
      delete kakao.knobs.faults.token
      const spent = ['reset_after_commit', 'not_json', 'oversize'].includes(fault)
      expect((await kakaoTokens(code)).status).toBe(spent ? 400 : 200)
    },
  )

  test('the faults delayMs, wrong_content_type and redirect still give the right answer', async () => {
    kakao.knobs.faults.jwks = { delayMs: 30 }
    const start = performance.now()
    expect((await get(kakaoJwks())).status).toBe(200)
    expect(performance.now() - start).toBeGreaterThan(25)
    kakao.knobs.faults.jwks = 'wrong_content_type'
    expect((await fetch(kakaoJwks())).headers.get('content-type')).toBe('text/html')
    kakao.knobs.faults.jwks = 'redirect'
    expect((await get(kakaoJwks())).status).toBe(200)
  })
})

describe('webhooks', () => {
  interface Received {
    method: string
    url: string
    authorization?: string
    type?: string
    body: string
  }
  const received: Received[] = []
  const receiver = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { authorization, 'content-type': type } = request.headers
    received.push({
      method: request.method ?? '',
      url: request.url ?? '',
      body,
      ...(authorization !== undefined && { authorization }),
      ...(type !== undefined && { type }),
    })
    response.writeHead(202).end()
  })
  let url: string
  beforeAll(async () => {
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  })
  beforeEach(() => {
    received.length = 0
  })
  afterAll(() => new Promise((resolve) => receiver.close(resolve)))

  test('Kakao sends the unlink webhook by POST and GET, with the admin key, a wrong one or none', async () => {
    const params = `app_id=${kakao.appId}&user_id=${minji}&referrer_type=UNLINK_FROM_APPS`
    expect(await kakao.sendUnlinkWebhook(url, { person: minji })).toEqual({ status: 202, body: '' })
    await kakao.sendUnlinkWebhook(url, { person: minji, method: 'GET', adminKey: 'wrong' })
    await kakao.sendUnlinkWebhook(url, { person: minji, adminKey: null })
    expect(received).toEqual([
      {
        method: 'POST',
        url: '/hook',
        body: params,
        authorization: 'KakaoAK the-admin-key',
        type: expect.stringContaining('application/x-www-form-urlencoded'),
      },
      { method: 'GET', url: `/hook?${params}`, body: '', authorization: 'KakaoAK wrong' },
      { method: 'POST', url: '/hook', body: params, type: expect.any(String) },
    ])
  })

  test('Kakao’s event is signed, names the person twice, and is the same when it is sent again', async () => {
    const event = kakao.signEvent({ type: 'user-unlinked', person: minji, reason: 'UNLINK_FROM_APPS' })
    await kakao.sendEvent(url, event)
    await kakao.sendEvent(url, event)
    expect(received.map(({ body }) => body)).toEqual([event, event])
    expect(received[0]?.type).toBe('application/secevent+jwt')
    expect(headerOf(event)).toMatchObject({ typ: 'secevent+jwt', alg: 'RS256' })
    expect(claimsOf(event)).toMatchObject({
      iss: 'https://kauth.kakao.com',
      aud: app.clientId,
      sub: minji,
      jti: expect.any(String),
      events: {
        'https://schemas.openid.net/secevent/oauth/event-type/user-unlinked': {
          subject: { subject_type: 'iss-sub', iss: 'https://kauth.kakao.com', sub: minji },
          reason: 'UNLINK_FROM_APPS',
        },
      },
    })
    expect(await isGenuine(event, kakaoJwks())).toBe(true)
    const forged = kakao.signEvent({ type: 'user-unlinked', person: minji, signature: 'foreign_signature' })
    expect(await isGenuine(forged, kakaoJwks())).toBe(false)
  })

  test('Google’s event has a slash at the end of its issuer, but not in its subject', async () => {
    await google.sendEvent(url, { type: 'account-disabled', person: '1', reason: 'hijacking', aud: ['x'] })
    expect(claimsOf(received[0]?.body ?? '')).toMatchObject({
      iss: 'https://accounts.google.com/',
      aud: ['x'],
      events: {
        'https://schemas.openid.net/secevent/risc/event-type/account-disabled': {
          subject: { iss: 'https://accounts.google.com', sub: '1' },
          reason: 'hijacking',
        },
      },
    })
  })

  test('a disconnection on Kakao’s page ends the connection and sends both webhooks', async () => {
    const own = await fakeKakao({ ...app, adminKey: 'k', webhooks: { unlink: url, events: url } })
    const authorize = authorizeUrl(own.origin, '/oauth/authorize', { person: minji })
    await visit(authorize)
    expect(own.connected()).toEqual([minji])
    expect((await visit(`${own.origin}/connections`)).body).toContain('김민지')
    const body = new URLSearchParams({ person: minji })
    const page = await visit(`${own.origin}/connections`, { method: 'POST', body })
    expect(page.body).toContain('김민지 님의 연결을 끊었어요.')
    expect(own.connected()).toEqual([])
    expect(received.map(({ type }) => type).sort()).toEqual([
      'application/secevent+jwt',
      'application/x-www-form-urlencoded;charset=utf-8',
    ])
    await own.close()
  })
})
