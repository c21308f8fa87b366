// Mounts the first-party JSON API: paths, content types and CORS. Errors are problem+json.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clients } from '../clients/client.ts'
import type { VerifyClient } from '../clients/verify-client.ts'
import type { EmailFlows } from '../email-links/email-flows.ts'
import { allowRegisteredOrigins, preflight } from '../http/cors.ts'
import { acceptJson } from '../http/json.ts'
import { acceptEmptyBody, acceptForms } from '../http/server.ts'
import type { Register } from '../passwords/registration.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { VerifyAccessToken } from '../tokens/access-token.ts'
import type { Refresh } from '../tokens/refresh.ts'
import type { RefreshTokenFormat } from '../tokens/refresh-token-format.ts'
import type { Users } from '../users/user.ts'
import { createBlacklistTokenEndpoint } from './blacklist-token.ts'
import { createAuthenticateCaller, createCheckCaller } from './caller.ts'
import { createFindCallingApp } from './calling-app.ts'
import { createRegisterEndpoint } from './create-user.ts'
import { createEmailLinkRoutes } from './email-links.ts'
import { createFindFamily } from './find-family.ts'
import { createLogoutEndpoint } from './logout.ts'
import { createMeEndpoint } from './me.ts'
import { createPasswordTokenEndpoint, type PasswordTokenDeps } from './password-token.ts'
import { createPasswordTokenRefreshEndpoint } from './password-token-refresh.ts'
import { createSignOut } from './sign-out.ts'
import { createVerifyTokenEndpoint } from './verify-token.ts'

export interface FirstPartyDeps extends Omit<PasswordTokenDeps, 'findCallingApp'> {
  issuer: string
  refresh: Refresh
  clients: Clients
  verifyClient: VerifyClient
  users: Users
  refreshTokens: RefreshTokens
  refreshTokenFormat: RefreshTokenFormat
  endSessions: EndSessions
  verifyAccessToken: VerifyAccessToken
  register: Register
  /** Undefined if this installation sends no mail. */
  emailFlows: EmailFlows | undefined
  /** True if anyone may create an account. */
  registration: boolean
  minPasswordLength: number
  /** False removes `/api/token` and the routes below it. */
  passwordApi: boolean
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

const mount = (server: FastifyInstance, method: 'GET' | 'POST', path: string, handler: Handler) => {
  for (const url of [path, `${path}/`]) {
    server.route({ method, url, handler })
    server.options(url, preflight(method))
  }
}

/** Mounts each path with and without a trailing slash. */
export const mountFirstParty = async (server: FastifyInstance, deps: FirstPartyDeps) => {
  const findCallingApp = createFindCallingApp(deps)
  const checkCaller = createCheckCaller(deps)
  const authenticate = createAuthenticateCaller(checkCaller)
  const register = createRegisterEndpoint({ ...deps, findCallingApp })

  await server.register(async (api) => {
    acceptJson(api)
    acceptEmptyBody(api)
    api.addHook('onRequest', allowRegisteredOrigins(deps.clients))
    mount(api, 'POST', '/api/users', register)
    mount(api, 'GET', '/api/users/me', createMeEndpoint({ authenticate }))
    for (const { method, path, handler } of createEmailLinkRoutes({ ...deps, findCallingApp, authenticate }))
      mount(api, method, path, handler)
    await api.register(async (forms) => {
      acceptForms(forms)
      const ending = {
        ...deps,
        checkCaller,
        findFamily: createFindFamily(deps),
        signOut: createSignOut(deps),
      }
      mount(forms, 'POST', '/api/logout', createLogoutEndpoint(ending))
      if (!deps.passwordApi) return
      mount(forms, 'POST', '/api/token', createPasswordTokenEndpoint({ ...deps, findCallingApp }))
      mount(forms, 'POST', '/api/token/refresh', createPasswordTokenRefreshEndpoint(deps))
      mount(forms, 'POST', '/api/token/verify', createVerifyTokenEndpoint({ checkCaller }))
      mount(forms, 'POST', '/api/token/blacklist', createBlacklistTokenEndpoint(ending))
    })
  })
}
