// GET|POST /authorize (RFC 6749 §4.1.1): reads a new request, or resumes a parked one with ?resume=. The
// login and consent pages know a request only by its id and redirect back here.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clients } from '../clients/client.ts'
import { type Fields, requestFields, single } from '../http/form.ts'
import type { AuthorizationRequest, FindParkedRequest } from '../sessions/parked-request.ts'
import type { ReadIdTokenHint } from '../tokens/id-token-hint.ts'
import { type AdvanceDeps, createAdvanceRequest, createParkRequest } from './advance-request.ts'
import { readAuthorizationRequest, readReturnAddress } from './authorization-request.ts'
import { errorAnswer, sendAuthorizationResponse } from './authorization-response.ts'
import { loginRequired, OAuthError } from './errors.ts'
import { ExpiredRequest } from './expired-request.ts'

export interface AuthorizeDeps extends AdvanceDeps {
  clients: Clients
  findParkedRequest: FindParkedRequest
  readIdTokenHint: ReadIdTokenHint
  defaultAudience: string
}

export const createAuthorizeEndpoint = (deps: AuthorizeDeps) => {
  const advance = createAdvanceRequest(deps)
  const park = createParkRequest(deps)

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

  const resume = async (request: FastifyRequest, reply: FastifyReply, id: string) => {
    const found = await deps.findParkedRequest(id)
    if (!found) throw new ExpiredRequest()
    const { parked, client } = found
    return advance(request, reply, { asked: parked.request, client, resumed: { id, parked } })
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = requestFields(request)
    const resumeId = request.method === 'GET' ? single(fields, 'resume') : undefined
    if (resumeId !== undefined) return resume(request, reply, resumeId)

    const address = await readReturnAddress(fields, deps.clients)
    const { client } = address
    try {
      const asked = await withHintedUser(
        fields,
        readAuthorizationRequest(fields, address, deps.defaultAudience),
      )
      // A cross-site POST has no SameSite=Lax cookie. The browser adds the cookie to the GET that follows.
      if (request.method === 'POST')
        return reply
          .header('cache-control', 'no-store')
          .redirect(`/authorize?resume=${await park(asked)}`, 303)
      return await advance(request, reply, { asked, client })
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      request.log.info({ reason: error.message, clientId: client.id }, 'authorization request refused')
      return sendAuthorizationResponse(request, reply, address, errorAnswer(error), deps.issuer)
    }
  }
}
