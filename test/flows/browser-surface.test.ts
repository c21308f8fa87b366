// The protection of browsers: cookie attributes, checks against forged forms, policies and redirects.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { redirectUri } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const signedIn = async () => {
  const [client, user, agent] = [await issuer.client(), await issuer.user(), issuer.browser()]
  await issuer.tokens(client, user, {}, agent)
  return { client, user, agent }
}

const loginForm = async () => {
  const agent = issuer.browser()
  const page = await agent.follow(await issuer.authorize(await issuer.client(), {}, agent))
  return { agent, request: /name="request" value="([^"]+)"/.exec(page.body)?.[1] ?? '', page }
}

describe('cookies', () => {
  test('every cookie is __Host-, Secure, HttpOnly, Path=/, SameSite, without Domain, and under 4096 bytes (G1)', async () => {
    const user = await issuer.user()
    const { agent, request } = await loginForm()
    const page = await agent.submit('/login/password', {
      login: user.email,
      password: user.password,
      request,
    })
    const api = await issuer.json('/api/token', {
      email: user.email,
      password: user.password,
      delivery: 'cookie',
    })
    const cookies = [...page.headers.getSetCookie(), ...api.headers.getSetCookie()]
    expect(cookies.length).toBeGreaterThanOrEqual(3)
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-dojang_\w+=/)
      for (const attribute of ['Secure', 'HttpOnly', 'Path=/']) expect(cookie).toContain(attribute)
      // Other sites may link to the hosted pages. Only the first-party API reads the refresh cookie.
      expect(cookie).toContain(
        cookie.startsWith('__Host-dojang_refresh') ? 'SameSite=Strict' : 'SameSite=Lax',
      )
      expect(cookie).not.toMatch(/domain=/i)
      expect(cookie.length).toBeLessThan(4096)
    }
    expect(api.json).not.toHaveProperty('refresh')
  })

  test('pages that need no session set no cookie (G1)', async () => {
    for (const path of ['/login', '/register', '/', '/docs'])
      expect((await issuer.send(path)).headers.getSetCookie()).toEqual([])
  })
})

describe('a form from another page', () => {
  const foreign: [string, Record<string, string>][] = [
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another host of the same site', { origin: 'https://evil.example', 'sec-fetch-site': 'same-site' }],
    ['an opaque origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['an opaque origin without Sec-Fetch-Site', { origin: 'null' }],
    ['another origin without Sec-Fetch-Site', { origin: 'https://evil.example' }],
    ['the same site without an Origin header', { 'sec-fetch-site': 'same-site' }],
    [
      'another origin with Sec-Fetch-Site: same-origin',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
    ['a request without Origin and Sec-Fetch-Site', {}],
  ]

  const post = async (
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string>,
    cookies: Map<string, string> = new Map(),
  ) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return issuer.form(path, fields, { ...headers, ...(cookie && { cookie }) })
  }

  test.each(foreign)(
    'a form from %s neither signs a user in nor registers one (G3)',
    async (_from, headers) => {
      const user = await issuer.user()
      const login = await post('/login/password', { login: user.email, password: user.password }, headers)
      expect(login.status).toBe(403)
      expect(login.headers.getSetCookie()).toEqual([])
      const email = `new-${Math.random().toString(36).slice(2)}@example.com`
      const register = await post('/register', { email, password: 'correct horse battery staple' }, headers)
      expect(register.status).toBe(403)
      expect(await issuer.stores.users.findByLogin(email)).toBeUndefined()
    },
  )

  test.each(foreign)(
    'a form from %s does not change the account of a signed-in user (G3)',
    async (_from, headers) => {
      const { client, user, agent } = await signedIn()
      const actions: [string, Record<string, string>][] = [
        ['/account/sessions/end-others', {}],
        ['/account/sessions/end', { session: 'x' }],
        ['/account/grants/withdraw', { client: client.id }],
        ['/account/password', { current: user.password, password: 'another correct horse staple' }],
        ['/consent', { request: 'x', decision: 'allow' }],
      ]
      for (const [path, fields] of actions)
        expect((await post(path, fields, headers, agent.cookies)).status, path).toBe(403)
      expect((await post('/end-session', { confirm: 'yes' }, headers, agent.cookies)).status).toBe(200)
      expect((await agent.get('/account')).status).toBe(200)
      expect((await issuer.json('/api/token', { email: user.email, password: user.password })).status).toBe(
        200,
      )
    },
  )

  test('a form from another site to /end-session ends no session and clears no cookie (G3)', async () => {
    const { client, agent } = await signedIn()
    const attacker = await issuer.tokens(client, await issuer.user())
    const [, cross] = foreign[0] ?? ['', {}]
    // A browser sends a cross-site POST without the SameSite=Lax cookie, but its answer may set a cookie.
    for (const fields of [
      { confirm: 'yes' },
      { id_token_hint: attacker.idToken },
      { id_token_hint: 'x', client_id: client.id, post_logout_redirect_uri: 'https://app.example/bye' },
    ]) {
      const answer = await post('/end-session', fields, cross)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(answer.headers.get('clear-site-data')).toBeNull()
    }
    // The redirect is a GET. The browser sends the cookie with it, and the page asks for confirmation.
    const redirected = await post(
      '/end-session',
      { client_id: client.id, state: 's', id_token_hint: 'x' },
      cross,
    )
    expect([redirected.status, redirected.headers.get('location')]).toEqual([
      303,
      `/end-session?state=s&client_id=${client.id}`,
    ])
    expect((await agent.get(redirected.headers.get('location') ?? '')).body).toContain('name="confirm"')
    expect((await agent.get('/account')).status).toBe(200)
  })

  test('a cross-site POST of a client with a valid id_token_hint logs the user out (G3)', async () => {
    const [client, user, agent] = [await issuer.client(), await issuer.user(), issuer.browser()]
    const { idToken } = await issuer.tokens(client, user, {}, agent)
    const fields = { id_token_hint: idToken, post_logout_redirect_uri: 'https://app.example/bye' }
    const answer = await post('/end-session', fields, foreign[0]?.[1] ?? {})
    expect(answer.headers.get('location')).toBe('https://app.example/bye')
    expect((await agent.get('/account')).location?.pathname).toBe('/login')
  })

  test.each(foreign.slice(0, 7))(
    'the first-party API does not use the refresh cookie of a request from %s (G3)',
    async (_from, headers) => {
      const user = await issuer.user()
      const signIn = { email: user.email, password: user.password, delivery: 'cookie' }
      const [set = ''] = (await issuer.json('/api/token', signIn)).headers.getSetCookie()
      const cookie = set.split(';')[0] ?? ''
      const stolen = await issuer.json('/api/token/refresh', {}, { ...headers, cookie })
      expect([stolen.status, stolen.headers.getSetCookie()]).toEqual([403, []])
      expect((await issuer.json('/api/token/refresh', {}, { cookie })).status).toBe(200)
    },
  )

  test.each(foreign.slice(0, 7))(
    'the first-party API signs no user in on a request from %s (G3)',
    async (_from, headers) => {
      const { email, password } = await issuer.user()
      const fields = { email, password, delivery: 'cookie' }
      for (const answer of [
        await issuer.form('/api/token', fields, headers),
        await issuer.json('/api/token', fields, headers),
      ]) {
        expect(answer.status).toBe(403)
        expect(answer.headers.getSetCookie()).toEqual([])
      }
    },
  )

  test('a form without Sec-Fetch-Site is accepted if its Origin is the issuer (G3)', async () => {
    const user = await issuer.user()
    const fields = { login: user.email, password: user.password }
    expect((await post('/login/password', fields, { origin: issuer.config.issuer })).status).toBe(303)
  })
})

describe('GET and HEAD', () => {
  test('routes that change state answer 405 to a GET and allow POST (G4)', async () => {
    const changing = [
      '/login/password',
      '/token',
      '/revoke',
      '/api/logout',
      '/account/password',
      '/account/sessions/end',
    ]
    for (const path of changing) {
      const { status, headers } = await issuer.send(path)
      expect(status, path).toBe(405)
      expect(headers.get('allow')).toContain('POST')
    }
  })

  test('HEAD is answered with 405 and changes nothing (G4)', async () => {
    const { client, agent } = await signedIn()
    const path = issuer.authorizePath(client, {
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    })
    const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    for (const target of [path, '/end-session', '/account', '/login']) {
      const { status, headers } = await issuer.send(target, { method: 'HEAD', headers: { cookie } })
      expect(status, target).toBe(405)
      expect(headers.get('location')).toBeNull()
    }
    expect((await agent.get('/account')).status).toBe(200)
  })

  test('opening the logout page without a hint does not log the user out (G4)', async () => {
    const { agent } = await signedIn()
    expect((await agent.get('/end-session')).status).toBe(200)
    expect((await agent.get('/account')).status).toBe(200)
  })
})

describe('the security headers of a page', () => {
  const directives = (policy: string) =>
    new Map(policy.split('; ').map((part) => [part.split(' ')[0] ?? '', part.split(' ').slice(1).join(' ')]))

  test('every page allows scripts by a new nonce only, and no frames, base or objects (G5)', async () => {
    const { agent } = await signedIn()
    const nonces = new Set<string>()
    for (const page of [
      await agent.get('/login'),
      await agent.get('/account'),
      await agent.get('/register'),
      await agent.get('/docs'),
      await agent.get('/'),
      await agent.get('/end-session'),
      await agent.get('/authorize'),
      await agent.get('/consent?request=x'),
      await agent.submit('/login/password', { login: 'a', password: 'b' }),
      await issuer.authorize(await issuer.client(), { response_mode: 'form_post', prompt: 'none' }),
    ]) {
      const policy = directives(page.headers.get('content-security-policy') ?? '')
      expect(policy.get('default-src')).toBe("'none'")
      for (const name of ['base-uri', 'object-src', 'frame-ancestors'])
        expect(policy.get(name), name).toBe("'none'")
      const [, nonce = ''] = /^'nonce-([\w-]{20,})'$/.exec(policy.get('script-src') ?? '') ?? []
      nonces.add(nonce)
      for (const tag of page.body.match(/<(script|style)\b[^>]*>/g) ?? [])
        expect(tag).toContain(`nonce="${nonce}"`)
      expect(page.body).not.toMatch(/\son\w+=|\sstyle=|javascript:/)
    }
    expect(nonces.size).toBe(10)
  })

  test('form-action allows the issuer and the client of the request, and nothing else (G5)', async () => {
    const { page } = await loginForm()
    const policy = directives(page.headers.get('content-security-policy') ?? '')
    expect(policy.get('form-action')).toBe(`'self' ${new URL(redirectUri).origin}`)
    const posted = await issuer.authorize(
      await issuer.client({ redirectUris: ['com.example.app:/callback'] }),
      { response_mode: 'form_post', prompt: 'none' },
    )
    const toApp = directives(posted.headers.get('content-security-policy') ?? '')
    expect(toApp.get('form-action')).toBe("'self' com.example.app:")
    const alone = directives((await issuer.send('/login')).headers.get('content-security-policy') ?? '')
    expect(alone.get('form-action')).toBe("'self'")
  })

  test('pages set Referrer-Policy: same-origin (G8)', async () => {
    for (const path of ['/login', '/register', '/docs', '/'])
      expect((await issuer.send(path)).headers.get('referrer-policy'), path).toBe('same-origin')
  })

  test('pages load nothing from other hosts and escape all input (G9)', async () => {
    const nasty = `"><img src=//evil.example onerror=alert(1)>`
    const client = await issuer.client({ name: nasty, firstParty: false })
    const agent = issuer.browser()
    const login = await agent.follow(
      await issuer.authorize(client, { login_hint: nasty, state: nasty }, agent),
    )
    const failed = await agent.submit('/login/password', { login: nasty, password: nasty })
    const user = await issuer.user()
    const register = await agent.submit('/register', { email: nasty, name: nasty, password: nasty })
    const consent = await issuer.signInOn(agent, login, user)
    expect(consent.body).toContain('name="decision"')
    const query = new URLSearchParams({
      error: nasty,
      client_id: nasty,
      redirect_uri: nasty,
      ui_locales: nasty,
    })
    const pages = [login, failed, register, consent]
    for (const path of [
      '/authorize',
      '/login',
      '/register',
      '/end-session',
      '/account',
      '/consent',
      '/docs',
      '/',
    ])
      pages.push(await agent.get(`${path}?${query}`))
    for (const page of pages) {
      expect(page.body).not.toContain('<img')
      expect(page.body).not.toMatch(
        /<(script|img|link|iframe|object|embed|video|audio|source|form)\b[^>]*\s(src|href|action|data|srcset)="(https?:)?\/\//,
      )
    }
    // Error pages do not repeat the request.
    for (const page of pages.slice(4)) expect(page.body).not.toContain('evil.example')
  })

  test('the answer to a client is a redirect without a body and with no-store (G9)', async () => {
    const { client, agent } = await signedIn()
    const page = await issuer.authorize(client, {}, agent)
    expect([page.status, page.body]).toEqual([303, ''])
    expect(page.headers.get('cache-control')).toBe('no-store')
  })

  test('every answer sets HSTS, also JSON, redirects and errors (G10)', async () => {
    for (const path of [
      '/healthz',
      '/.well-known/jwks.json',
      '/nothing',
      '/userinfo',
      '/authorize',
      '/account',
    ])
      expect((await issuer.send(path)).headers.get('strict-transport-security'), path).toMatch(
        /max-age=\d{8,}/,
      )
  })

  test('pages set HSTS, nosniff, COOP, CORP, Permissions-Policy and no-store (G10)', async () => {
    const { agent } = await signedIn()
    for (const page of [
      await agent.get('/login'),
      await agent.get('/account'),
      await agent.get('/end-session'),
      await agent.get('/authorize'),
    ]) {
      expect(page.headers.get('strict-transport-security')).toMatch(/max-age=(\d{8,}); includeSubDomains/)
      expect(page.headers.get('x-content-type-options')).toBe('nosniff')
      expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(page.headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(page.headers.get('permissions-policy')).toContain('camera=()')
      expect(page.headers.get('cache-control')).toBe('no-store')
    }
  })

  test('the page after logout sets Clear-Site-Data for storage (G10)', async () => {
    const { agent } = await signedIn()
    const page = await agent.submit('/end-session', { confirm: 'yes' })
    expect(page.headers.get('clear-site-data')).toContain('"storage"')
  })
})

describe('redirects', () => {
  test('the server answers a form and its next step with 303 (G6)', async () => {
    const user = await issuer.user()
    const { agent, request } = await loginForm()
    const login = await agent.submit('/login/password', {
      login: user.email,
      password: user.password,
      request,
    })
    expect(login.status).toBe(303)
    expect((await agent.get(login.location?.href ?? '')).status).toBe(303)
    const client = await issuer.client()
    const posted = await agent.submit(
      '/authorize',
      Object.fromEntries(new URL(issuer.authorizePath(client), issuer.url).searchParams),
    )
    expect(posted.status).toBe(303)
  })

  test('the source contains no 301, 307 or 308 (G6)', () => {
    const folder = new URL('../../src', import.meta.url).pathname
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    ))
      expect(readFileSync(join(folder, name), 'utf8'), name).not.toMatch(/\b30[178]\b/)
  })

  test.each([
    '//evil.example',
    '/\\evil.example',
    'https:evil.example',
    'https://evil.example',
    '/%2f%2fevil.example',
    'https://app.example@evil.example',
    '/\tevil',
    'javascript:alert(1)',
    '%252f%252fevil.example',
  ])('no parameter redirects a browser to %s (G7)', async (target) => {
    const user = await issuer.user()
    const agent = issuer.browser()
    for (const name of ['next', 'return_to', 'redirect', 'redirect_uri', 'url', 'continue', 'request']) {
      await agent.get(`/login?${new URLSearchParams({ [name]: target })}`)
      const page = await agent.submit('/login/password', {
        login: user.email,
        password: user.password,
        [name]: target,
      })
      if (page.location) expect(page.location.origin).toBe(issuer.url)
      else expect(page.status).toBe(400)
    }
    const out = await agent.get(`/end-session?${new URLSearchParams({ post_logout_redirect_uri: target })}`)
    expect(out.location).toBeUndefined()
    const left = await agent.submit('/end-session', { confirm: 'yes', post_logout_redirect_uri: target })
    expect(left.location).toBeUndefined()
  })

  test('logout rejects an address that differs from the registered one (G7)', async () => {
    const client = await issuer.client()
    for (const uri of [
      'https://app.example/bye/',
      'https://app.example/bye?x=1',
      'https://APP.example/bye',
      redirectUri,
    ]) {
      const query = new URLSearchParams({ client_id: client.id, post_logout_redirect_uri: uri })
      expect((await issuer.browser().get(`/end-session?${query}`)).location).toBeUndefined()
    }
  })
})
