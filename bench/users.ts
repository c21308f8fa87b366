// Creates what the benchmark needs in the issuer: one signed-in user for each connection, and one client.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import { browser } from '../harness/browser.ts'
import type { Installation } from '../harness/installation.ts'
import { connections, type Send } from './load.ts'

const redirectUri = 'https://app.example/callback'

export interface Users {
  client: { id: string; secret: string }
  emails: readonly string[]
  password: string
  /** Gets an authorization code for the user with this number. */
  code(user: number, scope: string): Promise<string>
  /** The body of the token request that redeems the code. */
  redemptionBody(code: string): string
}

/** Runs a `dojang` command and throws if it fails. */
const dojang = async (installation: Installation, args: readonly string[]): Promise<unknown> => {
  const ran = await installation.run([...args, '--json'])
  if (ran.code !== 0) throw new Error(ran.stderr)
  return ran.json
}

export const form = (fields: Record<string, string>) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
})

export const createUsers = async (installation: Installation, send: Send): Promise<Users> => {
  const password = randomBytes(12).toString('base64url')
  const emails = Array.from({ length: connections }, (_, number) => `user${number}@example.com`)
  // Use the issuer's own parameters (OWASP). Otherwise the issuer hashes each password again at login.
  const passwordHash = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
  const file = join(installation.folder, 'users.jsonl')
  writeFileSync(
    file,
    emails.map((email) => `${JSON.stringify({ email, password_hash: passwordHash })}\n`).join(''),
  )
  await dojang(installation, ['users', 'import', file])
  const scope = 'openid profile email offline_access'
  const created = await dojang(installation, [
    ...['clients', 'create', '--id', 'bench', '--no-pkce'],
    ...['--redirect-uri', redirectUri, '--scope', scope],
  ])
  const { client_secret: secret } = created as { client_secret: string }

  const cookies: string[] = []
  for (const email of emails) {
    const agent = browser(installation.url)
    await agent.submit('/login/password', { login: email, password })
    cookies.push([...agent.cookies].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; '))
  }

  return {
    client: { id: 'bench', secret },
    emails,
    password,
    code: async (user, scope) => {
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: 'bench',
        redirect_uri: redirectUri,
        scope,
        state: 's',
      })
      const cookie = cookies[user % cookies.length] ?? ''
      const { headers, status, body } = await send({
        method: 'GET',
        path: `/authorize?${query}`,
        headers: { cookie },
      })
      const code = new URL(headers.location ?? '', installation.url).searchParams.get('code')
      if (code === null)
        throw new Error(`/authorize returned no code: ${status} ${headers.location ?? body.slice(0, 300)}`)
      return code
    },
    redemptionBody: (code) =>
      new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        client_id: 'bench',
        client_secret: secret,
      }).toString(),
  }
}
