// The first-party JSON API: its addresses (with and without a trailing slash), content types and CORS. Rules are in the
// core; errors are problem+json.
import type { FastifyInstance } from 'fastify'
import type { Clients } from '../clients/client.ts'
import { allowRegisteredOrigins, preflight } from '../http/cors.ts'
import { acceptJson } from '../http/json.ts'
import { acceptForms } from '../http/server.ts'
import type { Register } from '../passwords/registration.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { VerifyAccessToken } from '../tokens/access-token.ts'
import type { Users } from '../users/user.ts'
import { createAuthenticateCaller } from './caller.ts'
import { createCallingApp } from './calling-app.ts'
import { createRegisterEndpoint } from './create-user.ts'
import { createLogoutEndpoint } from './logout.ts'
import { createMeEndpoint } from './me.ts'
import { createTokenEndpoints, type TokenDeps } from './password-token.ts'

export interface FirstPartyDeps extends Omit<TokenDeps, 'callingApp'> {
  clients: Clients
  users: Users
  refreshTokens: RefreshTokens
  endSessions: EndSessions
  verifyAccessToken: VerifyAccessToken
  register: Register
  /** Whether anybody may create an account. */
  registration: boolean
  /** False removes `/api/token` and `/api/token/refresh`. */
  passwordApi: boolean
}

/** Adds each path with and without a trailing slash. */
export const mountFirstParty = async (server: FastifyInstance, deps: FirstPartyDeps) => {
  const callingApp = createCallingApp(deps.clients)
  const authenticate = createAuthenticateCaller(deps)
  const token = deps.passwordApi ? createTokenEndpoints({ ...deps, callingApp }) : undefined
  await server.register(async (api) => {
    acceptJson(api)
    api.addHook('onRequest', allowRegisteredOrigins(deps.clients))
    const json = [
      {
        method: 'POST',
        path: '/api/users',
        handler: createRegisterEndpoint({ callingApp, register: deps.register, open: deps.registration }),
      },
      { method: 'GET', path: '/api/users/me', handler: createMeEndpoint({ authenticate }) },
      { method: 'POST', path: '/api/logout', handler: createLogoutEndpoint({ ...deps, authenticate }) },
      ...(token ? [{ method: 'POST', path: '/api/token/refresh', handler: token.refresh }] : []),
    ]
    for (const { method, path, handler } of json)
      for (const url of [path, `${path}/`]) {
        api.route({ method, url, handler })
        api.options(url, preflight(method))
      }
    await api.register(async (forms) => {
      acceptForms(forms)
      if (token)
        for (const url of ['/api/token', '/api/token/']) {
          forms.post(url, token.create)
          forms.options(url, preflight('POST'))
        }
    })
  })
}
