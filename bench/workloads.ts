// The kinds of requests that the benchmark measures.
import { connections, type Send } from './load.ts'
import { form, type Users } from './users.ts'

export interface Workload {
  name: string
  /** The number of RSA signatures that one request needs. */
  signatures: number
  /** How many requests run at the same time. */
  lanes: number
  /** Sends one request. Resolves to 'exhausted' if no authorization code is left. */
  run(lane: number): Promise<unknown>
}

/** Sends a POST request and throws unless the answer is 200. */
const post = async (send: Send, path: string, sent: { headers: Record<string, string>; body: string }) => {
  const { status, body } = await send({ method: 'POST', path, ...sent })
  if (status !== 200) throw new Error(`${path} answered ${status}: ${body.slice(0, 300)}`)
  return JSON.parse(body) as Record<string, string>
}

/** Each code starts a family. Above `maxFamiliesPerSession` (100) the issuer ends the oldest family. */
const codesPerUser = 90

export const workloads = async (send: Send, users: Users): Promise<Workload[]> => {
  const { client, emails, password } = users
  const credentials = { client_id: client.id, client_secret: client.secret }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }

  const redeem = (code: string) => post(send, '/token', { headers, body: users.redemptionBody(code) })
  const lanes = Array.from({ length: connections }, (_, lane) => lane)

  const refreshTokens = async (scope: string): Promise<string[]> =>
    Promise.all(lanes.map(async (lane) => (await redeem(await users.code(lane, scope))).refresh_token ?? ''))

  const refreshWith = (tokens: string[]) => async (lane: number) => {
    const fields = { grant_type: 'refresh_token', refresh_token: tokens[lane] ?? '', ...credentials }
    tokens[lane] = (await post(send, '/token', form(fields))).refresh_token ?? ''
  }

  const codes: string[] = []
  for (let round = 0; round < codesPerUser; round += 1)
    codes.push(...(await Promise.all(lanes.map((lane) => users.code(lane, 'openid offline_access')))))
  const { access_token: accessToken = '' } = await redeem(codes.pop() ?? '')

  return [
    {
      name: 'login (POST /api/token, Argon2id)',
      signatures: 1,
      lanes: 4,
      run: (lane) =>
        post(send, '/api/token', {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email: emails[lane], password }),
        }),
    },
    {
      name: 'code redemption, with ID token',
      signatures: 2,
      lanes: connections,
      run: async () => {
        const code = codes.pop()
        return code === undefined ? 'exhausted' : redeem(code)
      },
    },
    {
      name: 'refresh',
      signatures: 1,
      lanes: connections,
      run: refreshWith(await refreshTokens('offline_access')),
    },
    {
      name: 'refresh, with ID token',
      signatures: 2,
      lanes: connections,
      run: refreshWith(await refreshTokens('openid offline_access')),
    },
    {
      name: 'introspection',
      signatures: 0,
      lanes: connections,
      run: () => post(send, '/introspect', form({ token: accessToken, ...credentials })),
    },
    {
      name: 'key set',
      signatures: 0,
      lanes: connections,
      run: () => send({ method: 'GET', path: '/.well-known/jwks.json' }),
    },
  ]
}
