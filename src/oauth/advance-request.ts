// Advances a valid authorization request: sends the response to the client, or the user to the next page.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Client } from '../clients/client.ts'
import type { Consents } from '../clients/consent.ts'
import type { Clock } from '../clock.ts'
import { sessionCookieName } from '../sessions/cookie.ts'
import type { AuthorizationRequest, FoundParkedRequest, ParkedRequests } from '../sessions/parked-request.ts'
import type { SignedIn, SignIn } from '../sessions/sign-in.ts'
import type { AuthorizationCodes } from '../tokens/authorization-code.ts'
import { errorAnswer, sendAuthorizationResponse } from './authorization-response.ts'
import { invalidRequest, loginRequired } from './errors.ts'
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
  confirmEmailRequired: boolean
}

/** `resumed` is set if the request was parked while the user was on another page. */
export interface Advancing {
  asked: AuthorizationRequest
  client: Client
  resumed?: FoundParkedRequest
}

/** @throws {ExpiredRequest} if a concurrent call answered the parked request */
export type AdvanceRequest = (
  request: FastifyRequest,
  reply: FastifyReply,
  advancing: Advancing,
) => Promise<FastifyReply>

/**
 * The text with which the browser continues the request later.
 * @throws {OAuthError} invalid_request
 */
export const park = (parkedRequests: ParkedRequests, asked: AuthorizationRequest): string => {
  const sealed = parkedRequests.park(asked)
  if (sealed === 'too_long')
    throw invalidRequest('The request is too long. Shorten state, nonce, scope or login_hint.')
  return sealed
}

/** The error that prompt=none gets in place of each page (OIDC Core §3.1.2.6). */
const silentErrors = {
  login: 'login_required',
  register: 'interaction_required',
  unconfirmed: 'interaction_required',
  consent: 'consent_required',
  continue: 'interaction_required',
} as const

/** The page `continue` is a form of the page `consent`. */
const paths = {
  login: '/login',
  register: '/register',
  unconfirmed: '/unconfirmed',
  consent: '/consent',
  continue: '/consent',
} as const

const isExpectedUser = ({ hintedUserId }: AuthorizationRequest, found: SignedIn | undefined): boolean =>
  hintedUserId === undefined || found?.user.id === hintedUserId

export const createAdvanceRequest = (deps: AdvanceDeps): AdvanceRequest => {
  const { signIn, parkedRequests, issuer } = deps
  const decideNextStep = createDecideNextStep(deps)
  const issueCode = createIssueCode(deps)

  return async (request, reply, { asked, client, resumed }) => {
    const answer = (fields: Readonly<Record<string, string>>) =>
      sendAuthorizationResponse(request, reply, asked, fields, issuer)

    const found = await signIn.fromCookie(request.cookies[sessionCookieName])
    const expected = isExpectedUser(asked, found)
    const signedInNow = resumed && found && found.session.authTime >= resumed.parked.parkedAt
    // The user has just signed in with another account. A second login page would start a loop.
    if (!expected && signedInNow) {
      await parkedRequests.answer(resumed.parked)
      return answer(errorAnswer(loginRequired()))
    }

    const next = await decideNextStep(asked, client, expected ? found : undefined, resumed?.parked)
    if (next.outcome === 'answer') {
      // Issue the code before the request counts as answered: if that fails, the user can retry.
      const code = await issueCode(request, asked, next.signedIn)
      if (resumed && (await parkedRequests.answer(resumed.parked)) === 'again') throw new ExpiredRequest()
      return answer({ code })
    }
    if (asked.prompt.includes('none'))
      return answer(
        errorAnswer({
          code: silentErrors[next.page],
          description: 'prompt=none was sent, but the user has to act on a page.',
        }),
      )
    const sealed = resumed?.sealed ?? park(parkedRequests, asked)
    return reply.header('cache-control', 'no-store').redirect(`${paths[next.page]}?request=${sealed}`, 303)
  }
}
