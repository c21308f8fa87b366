// The client libraries that `npm run test:clients` runs. docs/stock-clients.md prints the same list.
import type { Application } from './application.ts'
import type { ProgramName } from './programs.ts'

export interface StockClient {
  name: string
  program: ProgramName
  /** Its folder at the program: `/clients/PATH`. */
  path: string
  /** The names in the manifest of the program. `NAME@VERSION` if Spring Boot chooses the version. */
  packages: readonly string[]
  /** Where the issuer sends the code. */
  callback?: string
  /** Starts the sign-in if a GET of `/login` does not. */
  start?: (application: Application) => Promise<URL>
  /** False if the library has no refresh of its own. */
  refreshes?: false
  /** The setting beyond the quick start without which the sign-in fails. */
  needs?: string
}

const postTo =
  (path: string): NonNullable<StockClient['start']> =>
  async (application) => {
    const { location, body } = await application.post(path, {})
    if (location === undefined) throw new Error(body)
    return location
  }

const authJsSignIn: NonNullable<StockClient['start']> = async (application) => {
  const { csrfToken } = JSON.parse((await application.get('/clients/auth-js/auth/csrf')).body)
  const page = await application.post('/clients/auth-js/auth/signin/dojang', {
    csrfToken,
    callbackUrl: `${application.url}/clients/auth-js/me`,
  })
  if (page.location === undefined) throw new Error(page.body)
  return page.location
}

export const clients: readonly StockClient[] = [
  { name: 'openid-client', program: 'node', path: 'openid-client', packages: ['openid-client'] },
  {
    name: 'oauth4webapi',
    program: 'node',
    path: 'oauth4webapi',
    packages: ['oauth4webapi'],
  },
  {
    name: 'passport-openidconnect',
    program: 'node',
    path: 'passport',
    packages: ['passport-openidconnect'],
    needs: '`nonce: true`',
    refreshes: false,
  },
  {
    name: 'express-openid-connect',
    program: 'node',
    path: 'express-openid-connect',
    packages: ['express-openid-connect'],
  },
  {
    name: 'Auth.js (Express)',
    program: 'node',
    path: 'auth-js',
    packages: ['@auth/express'],
    callback: '/clients/auth-js/auth/callback/dojang',
    start: authJsSignIn,
  },
  { name: 'Authlib (Flask)', program: 'python', path: 'authlib', packages: ['Authlib'] },
  {
    name: 'requests-oauthlib',
    program: 'python',
    path: 'requests-oauthlib',
    packages: ['requests-oauthlib'],
    needs: '`pkce="S256"`',
  },
  {
    name: 'mozilla-django-oidc',
    program: 'django',
    path: 'mozilla-django-oidc',
    packages: ['mozilla-django-oidc'],
    callback: '/clients/mozilla-django-oidc/oidc/callback/',
    refreshes: false,
  },
  {
    name: 'python-social-auth (Django)',
    program: 'social',
    path: 'social-auth',
    packages: ['social-auth-core'],
    callback: '/clients/social-auth/complete/oidc/',
    start: postTo('/clients/social-auth/login/oidc/'),
  },
  {
    name: 'x/oauth2 with go-oidc',
    program: 'go',
    path: 'go-oidc',
    packages: ['golang.org/x/oauth2', 'github.com/coreos/go-oidc/v3'],
  },
  {
    name: 'Spring Security 6',
    program: 'spring6',
    path: 'spring',
    packages: ['spring-security-core@6.5.11'],
    callback: '/login/oauth2/code/dojang',
  },
  {
    name: 'Spring Security 7',
    program: 'spring7',
    path: 'spring',
    packages: ['spring-security-core@7.1.1'],
    callback: '/login/oauth2/code/dojang',
  },
  { name: 'Nimbus OAuth 2.0 SDK', program: 'spring7', path: 'nimbus', packages: ['oauth2-oidc-sdk@11.38.2'] },
  { name: 'openidconnect', program: 'rust', path: 'openidconnect', packages: ['openidconnect'] },
  { name: 'oauth2', program: 'rust', path: 'oauth2', packages: ['oauth2'] },
]
