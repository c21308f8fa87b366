// Starts the session of a user who signed in through a provider or confirmed a link, and continues.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CheckedLogin, SignInInBrowser } from '../browser-sign-in.ts'
import { continueRequest, type FindWaitingRequest, findIfStillWaiting } from '../waiting-request.ts'
import { type ReturnTarget, returnWithProblem } from './return-to-request.ts'

/** Returns to the login page if the access of the user ended during the sign-in. */
export type StartSession = (
  request: FastifyRequest,
  reply: FastifyReply,
  login: CheckedLogin,
  visit: Omit<ReturnTarget, 'purpose'>,
) => Promise<FastifyReply>

/** RFC 8176 has no value for a federated login. `fed` is Dojang's own, followed by the provider's id. */
export const amrOf = (provider: string): readonly string[] => ['fed', provider]

export const createStartSession =
  (deps: { findWaitingRequest: FindWaitingRequest; signInInBrowser: SignInInBrowser }): StartSession =>
  async (request, reply, login, visit) => {
    const waiting = await findIfStillWaiting(deps.findWaitingRequest, visit.requestId)
    const signedIn = await deps.signInInBrowser(request, reply, { ...login, waiting })
    if (signedIn.outcome === 'ended')
      return returnWithProblem(reply, 'provider_expired', { ...visit, purpose: 'login' })
    const sealed = signedIn.sealed ?? visit.requestId
    return continueRequest(reply.header('referrer-policy', 'no-referrer'), sealed)
  }
