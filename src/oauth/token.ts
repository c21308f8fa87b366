// POST /token (RFC 6749 §3.2): the steps before every grant. Each grant is a function in grants/.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GrantType } from '../clients/client.ts'
import { allowOnlyPagesOf } from '../http/cors.ts'
import { formFields } from '../http/form.ts'
import { requestContext } from '../http/request-context.ts'
import type { AuthenticateClient } from './client-auth.ts'
import { unauthorizedClient, unsupportedGrantType } from './errors.ts'
import type { Grant } from './grants/grant.ts'
import { readParams, required } from './params.ts'

export type Grants = Readonly<Record<GrantType, Grant>>

export const createTokenEndpoint =
  ({ authenticateClient, grants }: { authenticateClient: AuthenticateClient; grants: Grants }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const params = readParams(formFields(request))
    const client = await authenticateClient(request, params)
    allowOnlyPagesOf(client, request, reply)
    const name = required(params, 'grant_type')
    // Own properties only: `constructor` is not a grant type.
    if (!Object.hasOwn(grants, name)) throw unsupportedGrantType()
    const grantType = name as GrantType
    if (!client.grants.includes(grantType))
      throw unauthorizedClient('The client is not registered for this grant type.')
    return reply.send(await grants[grantType](params, client, requestContext(request)))
  }
