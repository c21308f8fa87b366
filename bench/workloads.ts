// The requests that are measured, each with the number of RSA signatures that it must make.
import { connections, type Send } from './load.ts'
import { form, type People } from './people.ts'

export interface Workload {
  name: string
  signatures: number
  lanes: number
  /** 'exhausted': there is nothing left to do it with. */
  one(lane: number): Promise<unknown>
}

const accepted = async (
  send: Send,
  path: string,
  sent: { headers: Record<string, string>; body: string },
) => {
  const { status, body } = await send({ method: 'POST', path, ...sent })
  if (status !== 200) throw new Error(`${path} answered ${status}: ${body.slice(0, 300)}`)
  return JSON.parse(body) as Record<string, string>
}

/** As many as one session may hold families, so that none has to end to make room. */
const codesPerPerson = 90

export const workloads = async (send: Send, people: People): Promise<Workload[]> => {
  const { client, emails, password } = people
  const credentials = { client_id: client.id, client_secret: client.secret }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }

  const redeem = (code: string) => accepted(send, '/token', { headers, body: people.redeeming(code) })
  const lanes = Array.from({ length: connections }, (_, lane) => lane)

  const refreshTokens = async (scope: string): Promise<string[]> =>
    Promise.all(lanes.map(async (lane) => (await redeem(await people.code(lane, scope))).refresh_token ?? ''))

  const refreshing = (tokens: string[]) => async (lane: number) => {
    const fields = { grant_type: 'refresh_token', refresh_token: tokens[lane] ?? '', ...credentials }
    tokens[lane] = (await accepted(send, '/token', form(fields))).refresh_token ?? ''
  }

  const codes: string[] = []
  for (let round = 0; round < codesPerPerson; round += 1)
    codes.push(...(await Promise.all(lanes.map((lane) => people.code(lane, 'openid offline_access')))))
  const { access_token: accessToken = '' } = await redeem(codes.pop() ?? '')

  return [
    {
      ...{ name: 'login (POST /api/token, Argon2id)', signatures: 1, lanes: 4 },
      one: (lane) =>
        accepted(send, '/api/token', {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email: emails[lane], password }),
        }),
    },
    {
      ...{ name: 'code redemption, with ID token', signatures: 2, lanes: connections },
      one: async () => {
        const code = codes.pop()
        return code === undefined ? 'exhausted' : redeem(code)
      },
    },
    {
      ...{ name: 'refresh', signatures: 1, lanes: connections },
      one: refreshing(await refreshTokens('offline_access')),
    },
    {
      ...{ name: 'refresh, with ID token', signatures: 2, lanes: connections },
      one: refreshing(await refreshTokens('openid offline_access')),
    },
    {
      ...{ name: 'introspection', signatures: 0, lanes: connections },
      one: () => accepted(send, '/introspect', form({ token: accessToken, ...credentials })),
    },
    {
      ...{ name: 'key set', signatures: 0, lanes: connections },
      one: () => send({ method: 'GET', path: '/.well-known/jwks.json' }),
    },
  ]
}
