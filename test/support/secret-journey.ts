// The requests of people, clients, careless callers and attackers. The journey records every secret that was
// created, shown or typed, and every error response (H9 in docs/security.md).
import { browser, type Page } from '../../harness/browser.ts'
import { pkce } from './issuer.ts'
import { httpBytes, rawRequest } from './raw-request.ts'

export interface Journey {
  /** Secrets by name. None of them may appear in a log, in the audit log or in an error. */
  secrets: Map<string, string>
  /** Headers and body of each error response. */
  refusals: string[]
  remember(name: string, value: unknown): void
}

interface Traveller {
  url: string
  client: { id: string; secret: string; redirectUri: string }
  user: { email: string; password: string }
  journey: Journey
}

export const newJourney = (): Journey => {
  const secrets = new Map<string, string>()
  return {
    secrets,
    refusals: [],
    remember: (name, value) => {
      if (typeof value !== 'string' || value.length < 8)
        throw new Error(`The secret "${name}" is missing or shorter than 8 characters.`)
      secrets.set(`${name} ${secrets.size}`, value)
    },
  }
}

/** The secret as it is, URL-encoded, and in base64 as in Basic credentials. */
const spellings = (secret: string): string[] => [
  ...new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')]),
]

/** The names of the secrets that the text contains. */
export const found = (text: string, { secrets }: Pick<Journey, 'secrets'>): string[] =>
  [...secrets].flatMap(([name, secret]) =>
    spellings(secret).some((spelling) => text.includes(spelling)) ? [name] : [],
  )

const form = 'application/x-www-form-urlencoded'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Functions that send requests and add the secrets and error responses to the journey. */
const createSteps = ({ url, client, user, journey }: Traveller) => {
  const { remember, refusals } = journey
  const agent = browser(url)

  const note = <Answer extends { status: number; headers: Headers; body: string }>(
    answer: Answer,
  ): Answer => {
    const headers = [...answer.headers].filter(([name]) => name !== 'location').join('\n')
    if (answer.status >= 400) refusals.push(`${headers}\n${answer.body}`)
    for (const line of answer.headers.getSetCookie()) {
      const value = decodeURIComponent(/=([^;]*)/.exec(line)?.[1] ?? '')
      if (value === '') continue
      remember('cookie', value)
      // The first half of the session cookie is the session id, which the audit log contains on purpose.
      if (line.startsWith('__Host-dojang_session')) remember('cookie secret', value.split('.').at(-1))
    }
    return answer
  }
  const send = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(new URL(path, url), { redirect: 'manual', ...init })
    const body = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') && body !== ''
    const json: Record<string, unknown> = isJson ? JSON.parse(body) : {}
    for (const name of ['access_token', 'refresh_token', 'id_token', 'access', 'refresh'])
      if (typeof json[name] === 'string') remember(name, json[name])
    return note({ status: response.status, headers: response.headers, body, json })
  }
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    send(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': form, ...headers },
    })
  const postJson = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  /** A new random value that the caller sends. The journey records it as a secret. */
  const typed = (name: string): string => {
    const value = `${name}-canary-${Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString('hex')}`
    remember(name, value)
    return value
  }
  const requestOn = ({ body }: Page) => /name="request" value="([^"]+)"/.exec(body)?.[1] ?? ''
  const own = { client_id: client.id, client_secret: client.secret }

  const authorizePath = (challenge: string) => {
    const query = {
      response_type: 'code',
      client_id: client.id,
      redirect_uri: client.redirectUri,
      scope: 'openid profile email offline_access',
      state: typed('state'),
      nonce: typed('nonce'),
      code_challenge: challenge,
      code_challenge_method: 'S256',
      login_hint: typed('hint'),
    }
    return `/authorize?${new URLSearchParams(query)}`
  }
  const code = async () => {
    const { verifier, challenge } = pkce()
    remember('verifier', verifier)
    let page = note(await agent.follow(note(await agent.get(authorizePath(challenge)))))
    if (page.location === undefined) {
      const request = requestOn(page)
      remember('parked request', request)
      note(await agent.submit('/login/password', { login: user.email, password: typed('password'), request }))
      const fields = { login: user.email, password: user.password, request }
      page = note(await agent.follow(note(await agent.submit('/login/password', fields))))
    }
    const given = page.location?.searchParams.get('code') ?? ''
    remember('code', given)
    return { code: given, code_verifier: verifier }
  }
  const grant = { grant_type: 'authorization_code', redirect_uri: client.redirectUri }

  return { agent, note, send, post, postJson, typed, own, code, grant, url, client, user, journey }
}

type Steps = ReturnType<typeof createSteps>

const weak = 'passwordpassword1'

/** The first-party API and registration. Returns the password of the new user. */
const useFirstPartyApi = async ({ agent, note, send, post, postJson, typed, journey }: Steps) => {
  const { remember } = journey
  const email = `${typed('name').slice(-18)}@example.com`
  remember('refused password', weak)
  await postJson('/api/users', { email, password: weak })
  note(await agent.submit('/register', { email, password: weak }))
  const chosen = typed('passphrase')
  await postJson('/api/users', { email, password: chosen })
  await postJson('/api/users', { email, password: chosen, extra: [chosen] })
  await postJson('/api/token', { email, password: typed('password') })
  await postJson('/api/token', { email, password: [chosen] })
  await post('/api/token', { email, password: chosen }, { origin: 'https://evil.example' })
  const { json: apiTokens } = await post('/api/token', { username: email, password: chosen })
  const cookied = await postJson('/api/token', { email, password: chosen, delivery: 'cookie' })
  const cookie = cookied.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  await postJson('/api/token/refresh', {}, { cookie })
  await postJson('/api/token/refresh', {}, { cookie: `${cookie}x` })
  await postJson('/api/token/refresh', { refresh: `${apiTokens.refresh}x` })
  await send('/api/users/me', { headers: bearer(String(apiTokens.access)) })
  await send(`/api/users/me?access_token=${apiTokens.access}`)
  await send('/api/logout', { method: 'POST', headers: bearer(String(apiTokens.access)) })
  await send('/api/users/me', { headers: bearer(String(apiTokens.access)) })
  return chosen
}

/** The code flow with each possible mistake. */
const useCodeFlow = async ({ send, post, postJson, typed, own, code, grant, client }: Steps) => {
  const first = await code()
  await post('/token', { ...grant, ...own, ...first, code_verifier: typed('verifier').padEnd(43, 'x') })
  await post('/token', { ...grant, ...own, ...first, client_secret: typed('secret') })
  const basic = Buffer.from(`${client.id}:${typed('secret')}`).toString('base64')
  await post('/token', { ...grant, ...first }, { authorization: `Basic ${basic}` })
  await post('/token', { ...grant, ...first }, { authorization: `Basic ${client.secret}` })
  await post(`/token?${new URLSearchParams({ ...own, ...first })}`, grant)
  await postJson('/token', { ...grant, ...own, ...first })
  const twice = `${new URLSearchParams({ ...grant, ...own, ...first })}&code=${first.code}`
  for (const body of [twice, `${twice}&x=%ff`, `${twice}&x=${'a'.repeat(70_000)}`])
    await send('/token', { method: 'POST', body, headers: { 'content-type': form } })
  const { json: tokens } = await post('/token', { ...grant, ...own, ...first })
  const [access, refresh, idToken] = ['access_token', 'refresh_token', 'id_token'].map((name) =>
    String(tokens[name]),
  ) as [string, string, string]
  const refreshing = { grant_type: 'refresh_token', refresh_token: refresh }
  await post('/token', { ...refreshing, ...own, scope: 'world' })
  await post('/token', { ...refreshing, client_id: 'somebody-else' })
  await post('/token', { ...refreshing, ...own, refresh_token: `${refresh}x` })
  const { json: second } = await post('/token', { ...refreshing, ...own })
  await post('/token', { ...refreshing, ...own })
  for (const path of ['/introspect', '/revoke']) {
    await post(path, { token: access })
    await post(path, { token: access, ...own, client_secret: typed('secret') })
    await post(`${path}?token=${access}`, own)
  }
  await post('/introspect', { token: access, ...own })
  for (const token of [access, `${access}x`, idToken, refresh]) {
    await send('/userinfo', { headers: bearer(token) })
    await send('/api/users/me', { headers: bearer(token) })
  }
  await send(`/userinfo?access_token=${access}`)
  await post('/userinfo', { access_token: access })
  await post('/token', { ...grant, ...own, ...first })
  await post('/token', { ...refreshing, ...own, refresh_token: String(second.refresh_token) })
  return { first, access, refresh, idToken }
}

type Used = Awaited<ReturnType<typeof useCodeFlow>>

/** Unknown paths, wrong methods and malformed requests that contain secrets. */
const sendBadRequests = async (
  { send, typed, url, client, journey }: Steps,
  { first, access, refresh }: Used,
) => {
  for (const path of ['/nothing', '/callback/kakao', '/authorize', '/login', '/token', '/end-session'])
    await send(`${path}?${new URLSearchParams({ ...first, state: typed('state'), client_id: client.id })}`)
  await send(`/nothing/${access}`)
  await send(`/token/${first.code}`, { method: 'DELETE' })
  for (const bytes of [
    `GET /token?code=${first.code} HTTP/9.9\r\n\r\n`,
    `GET /%zz?code=${first.code} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    httpBytes('GET', '/login', [
      ['cookie', `a=${access}`],
      ['x-long', `${refresh}${'x'.repeat(40_000)}`],
    ]),
  ]) {
    const { status, headers, body } = await rawRequest(url, bytes)
    if (status >= 400) journey.refusals.push(`${[...headers].join('\n')}\n${body}`)
  }
}

/** The account pages and the logout. */
const useAccount = async (
  { agent, note, post, typed, own, code, grant, user }: Steps,
  { idToken, chosen }: { idToken: string; chosen: string },
) => {
  const again = await code()
  const { json: last } = await post('/token', { ...grant, ...own, ...again })
  const fresh = typed('passphrase')
  note(await agent.submit('/account/password', { current: typed('password'), password: fresh }))
  note(await agent.submit('/account/password', { current: user.password, password: weak }))
  note(await agent.submit('/account/password', { current: user.password, password: fresh, end_others: 'on' }))
  note(await agent.submit('/account/password', { current: fresh, password: chosen }, { origin: 'null' }))
  note(await agent.submit('/account/sessions/end-others', {}))
  await post('/revoke', { token: String(last.refresh_token), ...own })
  note(await agent.get(`/end-session?id_token_hint=${idToken}x`))
  note(await agent.get(`/end-session?id_token_hint=${last.id_token}`))
  note(await agent.submit('/end-session', { confirm: 'yes' }))
}

/** Sends all requests of the journey, one after the other. */
export const travel = async (traveller: Traveller): Promise<void> => {
  const steps = createSteps(traveller)
  const chosen = await useFirstPartyApi(steps)
  const used = await useCodeFlow(steps)
  await sendBadRequests(steps, used)
  await useAccount(steps, { idToken: used.idToken, chosen })
}
