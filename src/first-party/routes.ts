// The first-party JSON API: its addresses (with and without a trailing slash), content types and CORS. Rules are in the
// core; errors are problem+json.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clients } from '../clients/client.ts'
import { allowRegisteredOrigins, preflight } from '../http/cors.ts'
import { acceptJson } from '../http/json.ts'
import { acceptForms } from '../http/server.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

export interface ApiEndpoints {
  clients: Clients
  register: Handler
  me: Handler
  logout: Handler
  /** Absent while the password API is switched off: its routes do not exist. */
  token?: { create: Handler; refresh: Handler }
}

export const mountApiRoutes = async (server: FastifyInstance, endpoints: ApiEndpoints) => {
  await server.register(async (api) => {
    acceptJson(api)
    api.addHook('onRequest', allowRegisteredOrigins(endpoints.clients))
    const { token } = endpoints
    const json = [
      { method: 'POST', path: '/api/users', handler: endpoints.register },
      { method: 'GET', path: '/api/users/me', handler: endpoints.me },
      { method: 'POST', path: '/api/logout', handler: endpoints.logout },
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
