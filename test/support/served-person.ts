// A user with an account at a started issuer. The user signs in on the hosted pages for the tests of clients.
import { type Browser, browser } from '../../harness/browser.ts'
import type { Installation } from '../../harness/installation.ts'
import { randomToken } from '../../src/secrets.ts'

export interface Person {
  id: string
  email: string
  password: string
  agent: Browser
  /** Opens the client's authorization request, signs in if asked, and returns the client's callback URL. */
  visit(address: URL): Promise<URL>
  /** An access token of the first-party API. */
  newAccessToken(): Promise<string>
}

/** Registers the user through the first-party API. */
export const newPerson = async ({ url }: Pick<Installation, 'url'>): Promise<Person> => {
  const email = `${randomToken(6).toLowerCase().replaceAll(/[_-]/g, 'x')}@example.com`
  const password = randomToken(16)
  const post = async (path: string): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ email, password })
    return (await fetch(`${url}${path}`, { method: 'POST', headers, body })).json()
  }
  const answer = (await post('/api/users')) as { user?: { id: string } }
  if (answer.user === undefined) throw new Error(`not registered: ${JSON.stringify(answer)}`)
  const agent = browser(url)
  return {
    id: answer.user.id,
    email,
    password,
    agent,
    newAccessToken: async () => ((await post('/api/token')) as { access: string }).access,
    visit: async (address) => {
      let page = await agent.follow(await agent.get(`${address.pathname}${address.search}`))
      if (page.location === undefined) {
        const request = /name="request" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
        page = await agent.follow(await agent.submit('/login/password', { login: email, password, request }))
      }
      if (page.location === undefined)
        throw new Error(`the browser stayed here: ${page.status} ${page.body.slice(0, 500)}`)
      return page.location
    },
  }
}

/** Creates a client on the command line beside the running server. */
export const newClient = async (
  { command }: Pick<Installation, 'command'>,
  id: string,
  options: readonly string[] = [],
): Promise<{ id: string; secret: string }> => {
  const made = await command([
    'clients',
    'create',
    '--id',
    id,
    '--redirect-uri',
    'https://app.example/cb',
    '--post-logout-redirect-uri',
    'https://app.example/bye',
    '--scope',
    'openid profile email offline_access',
    ...options,
    '--json',
  ])
  if (made.code !== 0) throw new Error(made.stderr)
  const { client_id, client_secret } = made.json as { client_id: string; client_secret?: string }
  return { id: client_id, secret: client_secret ?? '' }
}
