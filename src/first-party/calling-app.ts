// Finds the first-party client that sends a request without a token. The origin identifies the client of a
// browser page. Any other caller counts as the team's own server.
import type { FastifyRequest } from 'fastify'
import { type Client, type Clients, firstPartyApiClientId } from '../clients/client.ts'
import { ProblemError } from '../http/problem.ts'

export type CallingApp = (request: FastifyRequest) => Promise<Client>

/** @throws {ProblemError} 403 if no first-party client has registered the origin of the page */
export const createCallingApp =
  (clients: Clients): CallingApp =>
  async (request) => {
    const { origin } = request.headers
    const site = request.headers['sec-fetch-site']
    const candidates = origin === undefined ? [] : await clients.findByOrigin(origin)
    const client =
      origin === undefined && (site === undefined || site === 'none')
        ? await clients.find(firstPartyApiClientId)
        : candidates.find(({ firstParty }) => firstParty)
    if (client !== undefined) return client
    throw new ProblemError({
      status: 403,
      code: 'origin_not_registered',
      detail: 'No first-party client has registered this browser origin.',
    })
  }
