// Mounts the first-party JSON API: paths, content types and CORS. Errors are problem+json.
import type { FastifyInstance } from 'fastify'
import type { Clients } from '../clients/client.ts'
import type { VerifyClient } from '../clients/verify-client.ts'
import { allowRegisteredOrigins, preflight } from '../http/cors.ts'
import { acceptJson } from '../http/json.ts'
import { acceptForms } from '../http/server.ts'
import type { Register } from '../passwords/registration.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { VerifyAccessToken } from '../tokens/access-token.ts'
import type { Refresh } from '../tokens/refresh.ts'
import type { Users } from '../users/user.ts'
import { createAuthenticateCaller } from './caller.ts'
import { createFindCallingApp } from './calling-app.ts'
import { createRegisterEndpoint } from './create-user.ts'
import { createLogoutEndpoint } from './logout.ts'
import { createMeEndpoint } from './me.ts'
import { createPasswordTokenEndpoint, type PasswordTokenDeps } from './password-token.ts'
import { createPasswordTokenRefreshEndpoint } from './password-token-refresh.ts'

export interface FirstPartyDeps extends Omit<PasswordTokenDeps, 'findCallingApp'> {
  issuer: string
  refresh: Refresh
  clients: Clients
  verifyClient: VerifyClient
  users: Users
  refreshTokens: RefreshTokens
  endSessions: EndSessions
  verifyAccessToken: VerifyAccessToken
  register: Register
  /** True if anyone may create an account. */
  registration: boolean
  minPasswordLength: number
  /** False removes `/api/token` and `/api/token/refresh`. */
  passwordApi: boolean
}

/** Mounts each path with and without a trailing slash. */
export const mountFirstParty = async (server: FastifyInstance, deps: FirstPartyDeps) => {
  const findCallingApp = createFindCallingApp(deps)
  const authenticate = createAuthenticateCaller(deps)
  await server.register(async (api) => {
    acceptJson(api)
    api.addHook('onRequest', allowRegisteredOrigins(deps.clients))
    const json = [
      {
        method: 'POST',
        path: '/api/users',
        handler: createRegisterEndpoint({ ...deps, findCallingApp }),
      },
      { method: 'GET', path: '/api/users/me', handler: createMeEndpoint({ authenticate }) },
      { method: 'POST', path: '/api/logout', handler: createLogoutEndpoint({ ...deps, authenticate }) },
      ...(deps.passwordApi
        ? [{ method: 'POST', path: '/api/token/refresh', handler: createPasswordTokenRefreshEndpoint(deps) }]
        : []),
    ]
    for (const { method, path, handler } of json)
      for (const url of [path, `${path}/`]) {
        api.route({ method, url, handler })
        api.options(url, preflight(method))
      }
    if (deps.passwordApi)
      await api.register(async (forms) => {
        acceptForms(forms)
        const passwordToken = createPasswordTokenEndpoint({ ...deps, findCallingApp })
        for (const url of ['/api/token', '/api/token/']) {
          forms.post(url, passwordToken)
          forms.options(url, preflight('POST'))
        }
      })
  })
}
