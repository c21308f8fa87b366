// Advances a valid authorization request: sends the response to the client, or the user to the next page.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Client } from '../clients/client.ts'
import type { Consents } from '../clients/consent.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import { hashToken, randomToken } from '../secrets.ts'
import { sessionCookieName } from '../sessions/cookie.ts'
import {
  type AuthorizationRequest,
  type ParkedRequest,
  type ParkedRequests,
  parkedRequestTtlSeconds,
} from '../sessions/parked-request.ts'
import type { SignedIn, SignIn } from '../sessions/sign-in.ts'
import type { AuthorizationCodes } from '../tokens/authorization-code.ts'
import { errorAnswer, sendAuthorizationResponse } from './authorization-response.ts'
import { loginRequired } from './errors.ts'
import { ExpiredRequest } from './expired-request.ts'
import { createIssueCode } from './issue-code.ts'
import { createDecideNextStep } from './next-step.ts'

export interface AdvanceDeps {
  clock: Clock
  consents: Consents
  signIn: SignIn
  parkedRequests: ParkedRequests
  authorizationCodes: AuthorizationCodes
  audit: Audit
  issuer: string
}

/** `resumed` is set if the request was parked while the user was on another page. */
export interface Advancing {
  asked: AuthorizationRequest
  client: Client
  resumed?: { id: string; parked: ParkedRequest }
}

/** @throws {ExpiredRequest} if a concurrent call took the parked request */
export type AdvanceRequest = (
  request: FastifyRequest,
  reply: FastifyReply,
  advancing: Advancing,
) => Promise<FastifyReply>

/** Stores the request and returns the id that the browser carries. */
export const createParkRequest =
  ({ clock, parkedRequests }: { clock: Clock; parkedRequests: ParkedRequests }) =>
  async (asked: AuthorizationRequest): Promise<string> => {
    const id = randomToken()
    const now = clock.now()
    await parkedRequests.park({
      idHash: hashToken(id),
      request: asked,
      parkedAt: now,
      expiresAt: secondsAfter(now, parkedRequestTtlSeconds),
    })
    return id
  }

/** The error that prompt=none gets in place of each page (OIDC Core §3.1.2.6). */
const silentErrors = {
  login: 'login_required',
  register: 'interaction_required',
  consent: 'consent_required',
} as const

const isExpectedUser = ({ hintedUserId }: AuthorizationRequest, found: SignedIn | undefined): boolean =>
  hintedUserId === undefined || found?.user.id === hintedUserId

export const createAdvanceRequest = (deps: AdvanceDeps): AdvanceRequest => {
  const { signIn, parkedRequests, issuer } = deps
  const decideNextStep = createDecideNextStep(deps)
  const issueCode = createIssueCode(deps)
  const park = createParkRequest(deps)

  return async (request, reply, { asked, client, resumed }) => {
    const answer = (fields: Readonly<Record<string, string>>) =>
      sendAuthorizationResponse(request, reply, asked, fields, issuer)

    const found = await signIn.fromCookie(request.cookies[sessionCookieName])
    const expected = isExpectedUser(asked, found)
    const signedInNow = resumed && found && found.session.authTime >= resumed.parked.parkedAt
    // The user has just signed in with another account. A second login page would start a loop.
    if (!expected && signedInNow) {
      await parkedRequests.take(resumed.parked.idHash)
      return answer(errorAnswer(loginRequired()))
    }

    const next = await decideNextStep(asked, client, expected ? found : undefined, resumed?.parked)
    if (next.outcome === 'answer') {
      // Issue the code before taking the parked request: if that fails, the user can retry.
      const code = await issueCode(request, asked, next.signedIn)
      if (resumed && (await parkedRequests.take(resumed.parked.idHash)) === undefined)
        throw new ExpiredRequest()
      return answer({ code })
    }
    if (asked.prompt.includes('none'))
      return answer(
        errorAnswer({
          code: silentErrors[next.page],
          description: 'prompt=none was sent, but the user has to act on a page.',
        }),
      )
    const id = resumed?.id ?? (await park(asked))
    return reply.header('cache-control', 'no-store').redirect(`/${next.page}?request=${id}`, 303)
  }
}
