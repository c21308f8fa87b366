// People and services that send requests all the time, and a count of the requests that failed.
import { setTimeout as delay } from 'node:timers/promises'
import type { Installation } from '../../harness/installation.ts'
import { newPerson, type Person } from '../support/served-person.ts'
import { codeFor, post, redeem, refresh, type ServedClient, tokensFor } from '../support/token-requests.ts'

/** Eight visitors with this pause send about a hundred requests each second. */
const visitors = 8
const pauseMs = 60

export interface Load {
  /** How many requests of each kind succeeded. */
  succeeded: Readonly<Record<string, number>>
  /** One line per failed request. */
  failed: readonly string[]
  /** Ends after the current requests. */
  stop(): Promise<void>
}

interface Visitor {
  /** Its session gives codes. */
  browser: Person
  accessToken: string
  /** The newest refresh token of a family at /token, and of another one at /api/token. */
  refreshToken: string
  apiRefreshToken: string
}

const json = async (url: string, body: object): Promise<Record<string, string>> => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
  return answer.json() as Promise<Record<string, string>>
}

const newVisitor = async (url: string, client: ServedClient): Promise<Visitor> => {
  const [browser, other] = await Promise.all([newPerson({ url }), newPerson({ url })])
  const { accessToken, refreshToken } = await tokensFor(other, url, client)
  await codeFor(browser, url, client)
  const { refresh: apiRefreshToken = '' } = await json(`${url}/api/token`, {
    email: other.email,
    password: other.password,
  })
  return {
    browser,
    accessToken: String(accessToken),
    refreshToken: String(refreshToken),
    apiRefreshToken,
  }
}

const get = async (url: string, headers: Record<string, string> = {}) => {
  const { status } = await fetch(url, { headers })
  if (status !== 200) throw new Error(String(status))
}

const granted = ({ status, json: body }: Awaited<ReturnType<typeof refresh>>) => {
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}

/** Each kind sends one request, and the last one two: the browser gets a code, and the client redeems it. */
const requestsOf = (url: string, client: ServedClient, visitor: Visitor) => ({
  'GET /.well-known/jwks.json': () => get(`${url}/.well-known/jwks.json`),
  'POST /token, refresh': async () => {
    const next = granted(await refresh(url, client, visitor.refreshToken))
    visitor.refreshToken = String(next.refresh_token)
    visitor.accessToken = String(next.access_token)
  },
  'GET /userinfo': () => get(`${url}/userinfo`, { authorization: `Bearer ${visitor.accessToken}` }),
  'POST /api/token/refresh': async () => {
    const { refresh: next = '' } = await json(`${url}/api/token/refresh`, {
      refresh: visitor.apiRefreshToken,
    })
    visitor.apiRefreshToken = next
  },
  'GET /.well-known/revocations': () => get(`${url}/.well-known/revocations`),
  'POST /introspect': async () => {
    granted(await post(`${url}/introspect`, { token: visitor.accessToken }, client))
  },
  'GET /authorize and POST /token, code': async () => {
    const { code, verifier } = await codeFor(visitor.browser, url, client)
    granted(await redeem(url, client, code, verifier))
  },
})

/** @param url the address of the load balancer */
export const startLoad = async (
  { url }: Pick<Installation, 'url'>,
  client: ServedClient,
  seconds: () => number,
): Promise<Load> => {
  const succeeded: Record<string, number> = {}
  const failed: string[] = []
  let stopped = false

  const visit = async (visitor: Visitor) => {
    while (!stopped)
      for (const [kind, send] of Object.entries(requestsOf(url, client, visitor))) {
        try {
          await send()
          succeeded[kind] = (succeeded[kind] ?? 0) + 1
        } catch (error) {
          const { message, cause } = error as Error
          failed.push(`${seconds().toFixed(2)} s: ${kind}: ${message} ${cause ?? ''}`.slice(0, 300))
        }
        await delay(pauseMs)
      }
  }

  const people = []
  // One after the other, because each sign-up hashes a password.
  for (let count = 0; count < visitors; count += 1) people.push(await newVisitor(url, client))
  const visits = people.map(visit)
  return {
    succeeded,
    failed,
    stop: async () => {
      stopped = true
      await Promise.all(visits)
    },
  }
}
