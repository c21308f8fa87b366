// A complete issuer in the test's process, on a real port. The test may choose its stores and its clock.
import { createHash, randomBytes } from 'node:crypto'
import { type Browser, browser, type Page } from '../../harness/browser.ts'
import { freePort } from '../../harness/free-port.ts'
import type { AdminOperations } from '../../src/admin/operations.ts'
import { type App, type AppParts, createApp } from '../../src/app.ts'
import { type Client, responseModes } from '../../src/clients/client.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { createCore } from '../../src/core.ts'
import { ensureFirstPartyClient } from '../../src/first-start.ts'
import { openLog } from '../../src/log.ts'
import { createOperations } from '../../src/operations.ts'
import { hashToken, randomToken } from '../../src/secrets.ts'
import type { Stores } from '../../src/stores/stores.ts'
import { type NewUser, newUserId } from '../../src/users/user.ts'
import { type TestClock, testClock } from './clock.ts'
import { memoryStores } from './memory/memory-stores.ts'
import { addSigningKey } from './signing-keys.ts'

export interface Answer {
  status: number
  headers: Headers
  body: string
  json: Record<string, unknown>
}

export interface TestUser {
  id: string
  email: string
  password: string
}

export interface TestClient extends Client {
  /** A public client has no secret. */
  secret?: string
}

export interface Tokens {
  accessToken: string
  refreshToken: string
  idToken: string
  answer: Answer
}

export const redirectUri = 'https://app.example/callback'

export const pkce = () => {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

export const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())

export const headerOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString())

/** Requests that a service or curl sends. They keep no cookies and follow no redirects. */
interface Requests {
  send(path: string, init?: RequestInit): Promise<Answer>
  form(
    path: string,
    fields: Record<string, string> | [string, string][],
    headers?: Record<string, string>,
  ): Promise<Answer>
  json(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  bearer(path: string, token: string, method?: string): Promise<Answer>
}

/** Users and clients, written to the stores with usable defaults. */
interface Records {
  user(facts?: Partial<NewUser> & { password?: string }): Promise<TestUser>
  client(facts?: Partial<Client>): Promise<TestClient>
}

type Params = Record<string, string | undefined>

/** The steps of a user in a browser, from the authorization request to the code. */
interface BrowserSteps {
  browser(): Browser
  /** The path and query of an authorization request. `params` may replace, add and remove parameters. */
  authorizePath(client: Client, params?: Params): string
  /** Sends one authorization request with PKCE and does not follow the answer. */
  authorize(client: Client, params?: Params, agent?: Browser): Promise<Page>
  /** Signs in on `page` or on the hosted page that it leads to. Ends at the first URL outside the issuer. */
  signInOn(agent: Browser, page: Page, user: TestUser): Promise<Page>
  /** Gets an authorization code for the user on the hosted pages. */
  code(
    client: Client,
    user: TestUser,
    params?: Params,
    agent?: Browser,
  ): Promise<{ code: string; verifier: string; agent: Browser }>
}

/** The requests of a client at the token endpoint. */
interface TokenRequests {
  redeem(client: TestClient, code: string, verifier: string, extra?: Record<string, string>): Promise<Answer>
  refresh(client: TestClient, refreshToken: string, extra?: Record<string, string>): Promise<Answer>
}

export interface TestIssuer extends Requests, Records, BrowserSteps, TokenRequests {
  url: string
  config: Config
  clock: TestClock
  stores: Stores
  app: App & { operations: AdminOperations }
  keyEncryptionKeys: readonly Uint8Array[]
  /** Every log line so far. */
  logLines: string[]
  /** Runs the whole code flow. */
  tokens(client: TestClient, user: TestUser, params?: Params, agent?: Browser): Promise<Tokens>
  close(): Promise<void>
}

const cheapHashing = { concurrency: 4, maxWaiting: 64, parameters: { memoryKiB: 64, passes: 1, lanes: 1 } }

export interface TestIssuerOptions {
  stores?: Stores
  clock?: TestClock
  env?: Record<string, string>
  keyEncryptionKeys?: readonly Uint8Array[]
  pingStores?: () => Promise<void>
  probeWrites?: () => Promise<void>
  migrationState?: () => Promise<{ applied: string[]; pending: string[] }>
  hashing?: AppParts['hashing']
}

/**
 * The operations on a core of their own, as in the process of a command. Each call waits for the events of
 * the server. After it the server reads its keys, as `serve` does when they change.
 */
const operationsBeside = (app: App, parts: AppParts): AdminOperations => {
  const core = createCore(parts)
  const beside = Object.entries(createOperations(core, parts)).map(([name, operation]) => [
    name,
    async (input: never) => {
      await app.auditTrail.flush()
      try {
        return await operation(input)
      } finally {
        await core.auditTrail.flush()
        if (name.startsWith('keys.')) await app.keyRing.load().catch(() => {})
      }
    },
  ])
  return Object.fromEntries(beside)
}

/** Builds the app as `main.ts` does, then starts it on a free port. */
const startApp = async (options: TestIssuerOptions) => {
  const clock = options.clock ?? testClock()
  const stores = options.stores ?? memoryStores()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const config = readConfig({ PORT: String(port), HOST: '127.0.0.1', ISSUER: url, ...options.env })
  const logLines: string[] = []
  const parts: AppParts = {
    config,
    clock,
    log: openLog('trace', { write: (line: string) => void logLines.push(line) }),
    stores,
    keyEncryptionKeys: options.keyEncryptionKeys ?? [randomBytes(32)],
    installation: {
      database: {
        kind: 'sqlite',
        now: async () => clock.now(),
        migrate: async () => [],
        migrationState: options.migrationState ?? (async () => ({ applied: [], pending: [] })),
      },
      sessionStore: {
        configured: 'database',
        remembered: { read: async () => undefined, write: async () => {} },
      },
    },
    pingStores: options.pingStores ?? (async () => {}),
    probeWrites: options.probeWrites ?? (async () => {}),
    hashing: options.hashing ?? cheapHashing,
  }
  const app = await createApp(parts)
  await ensureFirstPartyClient({ clock, stores })
  const giveKeyBack = await addSigningKey(parts)
  await app.keyRing.ensureFirst()
  await app.server.listen({ host: '127.0.0.1', port })
  const operations = operationsBeside(app, parts)
  const { keyEncryptionKeys } = parts
  const close = async () => {
    await app.server.close()
    await app.auditTrail.flush()
    giveKeyBack()
  }
  return { url, config, clock, stores, keyEncryptionKeys, app: { ...app, operations }, logLines, close }
}

const createRequests = (url: string): Requests => {
  const send: Requests['send'] = async (path, init = {}) => {
    const response = await fetch(new URL(path, url), { redirect: 'manual', ...init })
    const body = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      body,
      json: isJson && body !== '' ? JSON.parse(body) : {},
    }
  }
  return {
    send,
    form: (path, fields, headers = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
    json: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    bearer: (path, token, method = 'GET') =>
      send(path, { method, headers: { authorization: `Bearer ${token}` } }),
  }
}

const createRecords = ({ clock, stores, app }: { clock: TestClock; stores: Stores; app: App }): Records => ({
  user: async ({ password = randomToken(16), ...facts } = {}) => {
    const id = facts.id ?? newUserId()
    const email = facts.email ?? `${randomToken(6).toLowerCase().replaceAll(/[_-]/g, 'x')}@example.com`
    const now = clock.now()
    const created = await stores.users.create({
      id,
      email,
      emailVerified: true,
      roles: ['user'],
      claims: {},
      onboarded: true,
      createdAt: now,
      updatedAt: now,
      passwordHash: await app.hashPassword(password),
      ...facts,
    })
    if (created !== 'created') throw new Error(created)
    return { id, email, password }
  },
  client: async (facts = {}) => {
    const secret = 'secretHash' in facts ? undefined : randomToken()
    const client: Client = {
      id: `client-${randomToken(6)}`,
      name: 'Test client',
      ...(secret !== undefined && { secretHash: hashToken(secret) }),
      redirectUris: [redirectUri],
      postLogoutRedirectUris: ['https://app.example/bye'],
      origins: [],
      grants: ['authorization_code', 'refresh_token'],
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      audiences: [],
      introspects: [],
      responseModes: [...responseModes],
      firstParty: true,
      pkceRequired: true,
      refreshPolicy: { kind: 'rotate' },
      oneSession: false,
      createdAt: clock.now(),
      ...facts,
    }
    if (client.secretHash === undefined) delete client.secretHash
    if ((await stores.clients.create(client)) !== 'created') throw new Error('client exists')
    return { ...client, ...(secret !== undefined && { secret }) }
  },
})

const authorizePath: BrowserSteps['authorizePath'] = (client, params = {}) => {
  const query = new URLSearchParams()
  const all: Params = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUris[0] ?? redirectUri,
    scope: client.scopes.join(' '),
    state: 'st4te',
    ...params,
  }
  for (const [name, value] of Object.entries(all)) if (value !== undefined) query.set(name, value)
  return `/authorize?${query}`
}

const createBrowserSteps = (url: string): BrowserSteps => {
  const signInOn: BrowserSteps['signInOn'] = async (agent, page, user) => {
    const login = await agent.follow(page)
    const request = /name="request" value="([^"]+)"/.exec(login.body)?.[1]
    const fields = { login: user.email, password: user.password, ...(request !== undefined && { request }) }
    return agent.follow(await agent.submit('/login/password', fields))
  }
  return {
    browser: () => browser(url),
    authorizePath,
    authorize: (client, params = {}, agent = browser(url)) => {
      const challenge = { code_challenge: pkce().challenge, code_challenge_method: 'S256' }
      return agent.get(authorizePath(client, { ...challenge, ...params }))
    },
    signInOn,
    code: async (client, user, params = {}, agent = browser(url)) => {
      const { verifier, challenge } = pkce()
      const path = authorizePath(client, {
        ...(client.pkceRequired && { code_challenge: challenge, code_challenge_method: 'S256' }),
        ...params,
      })
      const first = await agent.follow(await agent.get(path))
      const last = first.location ? first : await signInOn(agent, first, user)
      const code = last.location?.searchParams.get('code')
      if (!code) throw new Error(`no code: ${last.status} ${last.location ?? ''} ${last.body.slice(0, 300)}`)
      return { code, verifier, agent }
    },
  }
}

/** The client's id and secret as form fields. A public client has no secret. */
export const credentialsOf = (client: TestClient): Record<string, string> => ({
  client_id: client.id,
  ...(client.secret !== undefined && { client_secret: client.secret }),
})

const createTokenRequests = ({ form }: Requests): TokenRequests => ({
  redeem: (client, code, verifier, extra = {}) =>
    form('/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUris[0] ?? redirectUri,
      ...(client.pkceRequired && { code_verifier: verifier }),
      ...credentialsOf(client),
      ...extra,
    }),
  refresh: (client, refreshToken, extra = {}) =>
    form('/token', {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      ...credentialsOf(client),
      ...extra,
    }),
})

export const testIssuer = async (options: TestIssuerOptions = {}): Promise<TestIssuer> => {
  const started = await startApp(options)
  const requests = createRequests(started.url)
  const steps = createBrowserSteps(started.url)
  const tokenRequests = createTokenRequests(requests)
  return {
    ...started,
    ...requests,
    ...steps,
    ...tokenRequests,
    ...createRecords(started),
    tokens: async (client, user, params = {}, agent) => {
      const { code, verifier } = await steps.code(client, user, params, agent)
      const answer = await tokenRequests.redeem(client, code, verifier)
      if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.body}`)
      const { access_token, refresh_token, id_token } = answer.json
      return {
        accessToken: String(access_token),
        refreshToken: String(refresh_token),
        idToken: String(id_token),
        answer,
      }
    },
  }
}
