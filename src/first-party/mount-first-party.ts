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
import { createChangeMeEndpoint } from './change-me.ts'
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

type Handlers = Partial<Record<'GET' | 'POST' | 'PATCH', Handler>>

const mount = (server: FastifyInstance, path: string, handlers: Handlers) => {
  for (const url of [path, `${path}/`]) {
    for (const [method, handler] of Object.entries(handlers)) server.route({ method, url, handler })
    server.options(url, preflight(Object.keys(handlers).join(', ')))
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
    mount(api, '/api/users', { POST: register })
    mount(api, '/api/users/me', {
      GET: createMeEndpoint({ authenticate }),
      PATCH: createChangeMeEndpoint({ ...deps, authenticate }),
    })
    for (const { path, handler } of createEmailLinkRoutes({ ...deps, findCallingApp, authenticate }))
      mount(api, path, { POST: handler })
    await api.register(async (forms) => {
      acceptForms(forms)
      const ending = {
        ...deps,
        checkCaller,
        findFamily: createFindFamily(deps),
        signOut: createSignOut(deps),
      }
      mount(forms, '/api/logout', { POST: createLogoutEndpoint(ending) })
      if (!deps.passwordApi) return
      mount(forms, '/api/token', { POST: createPasswordTokenEndpoint({ ...deps, findCallingApp }) })
      mount(forms, '/api/token/refresh', { POST: createPasswordTokenRefreshEndpoint(deps) })
      mount(forms, '/api/token/verify', { POST: createVerifyTokenEndpoint({ checkCaller }) })
      mount(forms, '/api/token/blacklist', { POST: createBlacklistTokenEndpoint(ending) })
    })
  })
}
