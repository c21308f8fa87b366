// The kinds of requests that the benchmark measures. Each one checks its answers.
import { type Answer, type Connection, connect, requestText } from './connection.ts'
import type { Task } from './load.ts'
import { codesPerUser, type Users } from './users.ts'

export interface Workload {
  /** For `--only`. */
  name: string
  title: string
  /** The number of RSA signatures that one request needs. */
  signatures: number
  /** How many requests run at the same time. */
  lanes: number
  /** Creates the task for one installation. */
  prepare(url: string, users: Users, pool: Pool): Promise<Task>
}

/** Refresh tokens that the workload `code` got and the workload `revoke` uses up. */
export interface Pool {
  refreshTokens: string[]
  codes: number
}

const lanes = 16
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }

const post = (path: string, fields: Readonly<Record<string, string>> | string): string =>
  requestText('POST', path, formHeaders, new URLSearchParams(fields).toString())

/** @throws {Error} if the answer has another status, or its body does not contain the text */
const expectAnswer = (answer: Answer, status: number, text = ''): void => {
  if (answer.status !== status || !answer.body.includes(text))
    throw new Error(`Expected ${status} with ${text}, got: ${answer.head.split('\r\n')[0]} ${answer.body}`)
}

/** The value of a member of JSON that has only simple text. JSON.parse would cost more. */
const member = (answer: Answer, name: string): string => {
  expectAnswer(answer, 200)
  const value = new RegExp(`"${name}":"([^"]+)"`).exec(answer.body)?.[1]
  if (value === undefined) throw new Error(`The answer has no ${name}: ${answer.body}`)
  return value
}

const signInByCode = async (connection: Connection, users: Users, user: number, scope: string) => {
  const cookie = users.cookies[user % users.cookies.length] ?? ''
  const redirect = await connection.send(requestText('GET', users.authorizePath(scope), { cookie }))
  const code = /\r\nlocation: [^\r]*[?&]code=([^&\r]+)/i.exec(redirect.head)?.[1]
  if (code === undefined) throw new Error(`/authorize gave no code:\n${redirect.head}\n${redirect.body}`)
  return connection.send(post('/token', users.redemption(code)))
}

/** A first sign-in, outside of the measured time. */
const firstTokens = async (url: string, users: Users, user: number, scope: string): Promise<Answer> => {
  const connection = await connect(url)
  try {
    return await signInByCode(connection, users, user, scope)
  } finally {
    connection.close()
  }
}

const accessToken = async (url: string, users: Users) =>
  member(await firstTokens(url, users, 0, 'openid profile email'), 'access_token')

/** Returns the next refresh token of the family. */
export const refreshOnce = async (
  connection: Connection,
  client: Users['client'],
  token: string,
): Promise<string> => {
  const fields = { grant_type: 'refresh_token', refresh_token: token, ...client }
  return member(await connection.send(post('/token', fields)), 'refresh_token')
}

/** Each lane follows its own family. */
const refreshing =
  (scope: string): Workload['prepare'] =>
  async (url, users) => {
    const tokens = await Promise.all(
      Array.from({ length: lanes }, async (_, lane) =>
        member(await firstTokens(url, users, lane, scope), 'refresh_token'),
      ),
    )
    return async (connection, lane) => {
      tokens[lane] = await refreshOnce(connection, users.client, tokens[lane] ?? '')
    }
  }

export const workloads: readonly Workload[] = [
  {
    name: 'refresh',
    title: 'refresh',
    signatures: 1,
    lanes,
    prepare: refreshing('offline_access'),
  },
  {
    name: 'refresh-id',
    title: 'refresh with an ID token',
    signatures: 2,
    lanes,
    prepare: refreshing('openid offline_access'),
  },
  {
    name: 'introspection',
    title: 'introspection of an active access token',
    signatures: 0,
    lanes,
    prepare: async (url, users) => {
      const request = post('/introspect', { token: await accessToken(url, users), ...users.client })
      return async (connection) => expectAnswer(await connection.send(request), 200, '"active":true')
    },
  },
  {
    name: 'userinfo',
    title: 'GET /userinfo',
    signatures: 0,
    lanes,
    prepare: async (url, users) => {
      const authorization = `Bearer ${await accessToken(url, users)}`
      const request = requestText('GET', '/userinfo', { authorization })
      return async (connection) => expectAnswer(await connection.send(request), 200, '"sub":"usr_')
    },
  },
  {
    name: 'jwks',
    title: 'key set',
    signatures: 0,
    lanes,
    prepare: async () => {
      const request = requestText('GET', '/.well-known/jwks.json')
      return async (connection) => expectAnswer(await connection.send(request), 200, '"keys":[')
    },
  },
  {
    name: 'client-credentials',
    title: 'client_credentials',
    signatures: 1,
    lanes,
    prepare: async (_url, users) => {
      const request = post('/token', { grant_type: 'client_credentials', ...users.client })
      return async (connection) => expectAnswer(await connection.send(request), 200, '"access_token":"')
    },
  },
  {
    name: 'sign-in',
    title: 'sign-in with a password (Argon2id)',
    signatures: 1,
    lanes: 4,
    prepare: async (_url, users) => async (connection, lane) => {
      const body = JSON.stringify({ email: users.emails[lane], password: users.password })
      const request = requestText('POST', '/api/token', { 'content-type': 'application/json' }, body)
      expectAnswer(await connection.send(request), 200, '"access":"')
    },
  },
  {
    name: 'code',
    title: 'sign-in by code: GET /authorize and POST /token',
    signatures: 1,
    lanes,
    prepare: async (_url, users, pool) => async (connection) => {
      if (pool.codes >= users.emails.length * codesPerUser) return 'exhausted'
      pool.codes += 1
      const answer = await signInByCode(connection, users, pool.codes, 'offline_access')
      pool.refreshTokens.push(member(answer, 'refresh_token'))
      return undefined
    },
  },
  {
    name: 'revoke',
    title: 'revocation of a refresh token',
    signatures: 0,
    lanes,
    prepare: async (_url, users, pool) => async (connection) => {
      const token = pool.refreshTokens.pop()
      if (token === undefined) return 'exhausted'
      expectAnswer(await connection.send(post('/revoke', { token, ...users.client })), 200)
      return undefined
    },
  },
]
