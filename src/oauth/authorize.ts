// GET|POST /authorize (RFC 6749 §4.1.1): reads a new request, or resumes a parked one with ?resume=. The
// login and consent pages carry a request as an encrypted text and redirect back here.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Apis } from '../clients/api.ts'
import type { Clients } from '../clients/client.ts'
import { type Fields, requestFields, single } from '../http/form.ts'
import type { AuthorizationRequest } from '../sessions/parked-request.ts'
import type { ReadIdTokenHint } from '../tokens/id-token-hint.ts'
import { type AdvanceDeps, createAdvanceRequest, park } from './advance-request.ts'
import { readAuthorizationRequest, readReturnAddress } from './authorization-request.ts'
import { errorAnswer, sendAuthorizationResponse } from './authorization-response.ts'
import { loginRequired, OAuthError } from './errors.ts'
import { ExpiredRequest } from './expired-request.ts'

export interface AuthorizeDeps extends AdvanceDeps {
  clients: Clients
  apis: Apis
  readIdTokenHint: ReadIdTokenHint
  defaultAudience: string
}

export const createAuthorizeEndpoint = (deps: AuthorizeDeps) => {
  const advance = createAdvanceRequest(deps)

  /** Adds the user from id_token_hint. With prompt=none, a hint that fails verification is login_required. */
  const withHintedUser = async (
    fields: Fields,
    asked: AuthorizationRequest,
  ): Promise<AuthorizationRequest> => {
    const text = single(fields, 'id_token_hint')
    if (text === undefined) return asked
    const hint = await deps.readIdTokenHint(text)
    if (hint !== undefined) return { ...asked, hintedUserId: hint.userId }
    if (asked.prompt.includes('none')) throw loginRequired()
    return asked
  }

  const resume = async (request: FastifyRequest, reply: FastifyReply, sealed: string) => {
    const resumed = await deps.parkedRequests.find(sealed)
    if (!resumed) throw new ExpiredRequest()
    const { parked, client } = resumed
    return advance(request, reply, { asked: parked.request, client, resumed })
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = requestFields(request)
    const sealed = request.method === 'GET' ? single(fields, 'resume') : undefined
    if (sealed !== undefined) return resume(request, reply, sealed)

    const address = await readReturnAddress(fields, deps.clients)
    const { client } = address
    try {
      const asked = await withHintedUser(fields, await readAuthorizationRequest(fields, address, deps))
      // A cross-site POST has no SameSite=Lax cookie. The browser adds the cookie to the GET that follows.
      if (request.method === 'POST')
        return reply
          .header('cache-control', 'no-store')
          .redirect(`/authorize?resume=${park(deps.parkedRequests, asked)}`, 303)
      return await advance(request, reply, { asked, client })
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      request.log.info({ reason: error.message, clientId: client.id }, 'authorization request refused')
      return sendAuthorizationResponse(request, reply, address, errorAnswer(error), deps.issuer)
    }
  }
}
