// Creates what the benchmark needs in the issuer: users that are signed in, and a client.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import { browser } from '../harness/browser.ts'
import type { Installation } from './installation.ts'

const redirectUri = 'https://app.example/callback'

/** Each code starts a family. Above `maxFamiliesPerSession` (100) the issuer would end the oldest family. */
export const codesPerUser = 90
const userCount = 32

export interface Users {
  client: { client_id: string; client_secret: string }
  emails: readonly string[]
  password: string
  /** The Cookie header of each user's browser. */
  cookies: readonly string[]
  /** The path of an authorization request. */
  authorizePath(scope: string): string
  /** The token request that redeems a code. */
  redemption(code: string): string
}

const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString()

export const createUsers = async ({ folder, url, dojang }: Installation): Promise<Users> => {
  const password = randomBytes(12).toString('base64url')
  const emails = Array.from({ length: userCount }, (_, number) => `user${number}@example.com`)
  // Use the issuer's own parameters (OWASP). Otherwise the issuer hashes each password again at login.
  const passwordHash = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
  const file = join(folder, 'users.jsonl')
  writeFileSync(
    file,
    emails.map((email) => `${JSON.stringify({ email, password_hash: passwordHash })}\n`).join(''),
  )
  await dojang(['users', 'import', file])
  const created = await dojang([
    ...['clients', 'create', '--id', 'bench', '--no-pkce', '--redirect-uri', redirectUri],
    ...['--scope', 'openid profile email offline_access'],
    ...['--grant', 'authorization_code', '--grant', 'refresh_token', '--grant', 'client_credentials'],
  ])
  const { client_secret } = created as { client_secret: string }
  const client = { client_id: 'bench', client_secret }

  const signIn = async (login: string): Promise<string> => {
    const agent = browser(url)
    await agent.submit('/login/password', { login, password })
    return [...agent.cookies].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ')
  }
  const cookies: string[] = []
  for (const email of emails) cookies.push(await signIn(email))

  return {
    client,
    emails,
    password,
    cookies,
    authorizePath: (scope) =>
      `/authorize?${form({ response_type: 'code', client_id: 'bench', redirect_uri: redirectUri, scope, state: 's' })}`,
    redemption: (code) =>
      form({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...client }),
  }
}
