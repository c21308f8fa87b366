// Issues an authorization code that is bound to the request, the user and the session (RFC 6749 §4.1.2).
import type { FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { hashToken, randomToken } from '../secrets.ts'
import type { AuthorizationRequest } from '../sessions/parked-request.ts'
import type { SignedIn } from '../sessions/sign-in.ts'
import { type AuthorizationCodes, authorizationCodeTtlSeconds } from '../tokens/authorization-code.ts'

/** Returns the code. The store keeps only its hash. */
export type IssueCode = (
  request: FastifyRequest,
  asked: AuthorizationRequest,
  signedIn: SignedIn,
) => Promise<string>

export const createIssueCode =
  (deps: { clock: Clock; authorizationCodes: AuthorizationCodes; audit: Audit }): IssueCode =>
  async (request, asked, { session, user }) => {
    const code = randomToken()
    const now = deps.clock.now()
    await deps.authorizationCodes.issue({
      codeHash: hashToken(code),
      clientId: asked.clientId,
      userId: user.id,
      sessionId: session.id,
      redirectUri: asked.redirectUri,
      scope: asked.scope,
      resource: asked.resource,
      ...(asked.nonce !== undefined && { nonce: asked.nonce }),
      ...(asked.codeChallenge !== undefined && { codeChallenge: asked.codeChallenge }),
      authTime: session.authTime,
      amr: session.amr,
      issuedAt: now,
      expiresAt: secondsAfter(now, authorizationCodeTtlSeconds),
    })
    deps.audit({
      type: 'code.issued',
      actor: 'user',
      userId: user.id,
      clientId: asked.clientId,
      sessionId: session.id,
      ...auditContext(requestContext(request)),
    })
    return code
  }
