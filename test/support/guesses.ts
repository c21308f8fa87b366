// Requests that try to sign in with a password, from any address, as the pages and the API receive them.
import { randomToken } from '../../src/secrets.ts'
import { type Answer, type TestIssuer, type TestIssuerOptions, testIssuer } from './issuer.ts'

export interface Guess {
  login: string
  /** A random one if it is absent. */
  password?: string
  /** The client address that the trusted proxy reports. */
  from?: string
  /** The mark of a known device. */
  device?: string | undefined
}

/** An issuer behind a proxy that reports the addresses of clients. */
export const issuerBehindProxy = (options: TestIssuerOptions = {}): Promise<TestIssuer> =>
  testIssuer({ ...options, env: { TRUSTED_PROXIES: '127.0.0.1', ...options.env } })

const headersOf = ({ from, device }: Guess) => ({
  ...(from !== undefined && { 'x-forwarded-for': from }),
  ...(device !== undefined && { cookie: `__Host-dojang_device=${device}` }),
})

export const onPage = (issuer: TestIssuer, guess: Guess): Promise<Answer> =>
  issuer.form(
    '/login/password',
    { login: guess.login, password: guess.password ?? randomToken(16) },
    { origin: issuer.url, 'sec-fetch-site': 'same-origin', ...headersOf(guess) },
  )

export const onApi = (issuer: TestIssuer, guess: Guess): Promise<Answer> =>
  issuer.json(
    '/api/token',
    { username: guess.login, password: guess.password ?? randomToken(16) },
    headersOf(guess),
  )

export const retryAfter = (answer: Answer): number => Number(answer.headers.get('retry-after') ?? Number.NaN)

/** The mark in the device cookie that an answer sets. */
export const deviceIn = (answer: Answer): string | undefined =>
  answer.headers
    .getSetCookie()
    .flatMap((cookie) => /^__Host-dojang_device=([^;]+)/.exec(cookie)?.[1] ?? [])
    .at(0)

/** Makes many requests, 8 at a time: fewer than the budget of one account in one network. */
export const flood = async (
  count: number,
  attempt: (index: number) => Promise<Answer>,
): Promise<number[]> => {
  const statuses: number[] = []
  for (let first = 0; first < count; first += 8) {
    const batch = Array.from({ length: Math.min(8, count - first) }, (_, index) => attempt(first + index))
    statuses.push(...(await Promise.all(batch)).map(({ status }) => status))
  }
  return statuses
}
