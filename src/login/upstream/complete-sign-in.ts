// The end of a sign-in through a provider: a session, a link confirmation, or a problem on the login page.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Clock, secondsAfter } from '../../clock.ts'
import type { ProviderSignIn } from '../../identities/provider-sign-in.ts'
import { hashToken } from '../../secrets.ts'
import { type LinkConfirmations, linkConfirmationId } from '../../sessions/link-confirmation.ts'
import { type ProviderPerson, providerPersonOf } from '../../sessions/provider-person.ts'
import { upstreamAttemptTtlSeconds } from '../../sessions/upstream-attempt.ts'
import { bindBrowser } from './browser-binding.ts'
import { redirectTo, returnWithProblem } from './return-to-request.ts'
import { amrOf, type StartSession } from './start-session.ts'

/** The client's request that continues after the sign-in, and the language of the pages. */
export interface Visit {
  requestId?: string | undefined
  lang: 'ko' | 'en'
}

export type CompleteSignIn = (
  request: FastifyRequest,
  reply: FastifyReply,
  person: ProviderPerson,
  outcome: ProviderSignIn,
  visit: Visit,
) => Promise<FastifyReply>

export const createCompleteSignIn = (deps: {
  clock: Clock
  linkConfirmations: LinkConfirmations
  startSession: StartSession
}): CompleteSignIn => {
  /** Stores the link confirmation and shows its page. */
  const offerLink = async (
    request: FastifyRequest,
    reply: FastifyReply,
    person: ProviderPerson & { email: string },
    { requestId, lang }: Visit,
  ) => {
    const id = linkConfirmationId(person)
    const now = deps.clock.now()
    await deps.linkConfirmations.request({
      ...providerPersonOf(person),
      email: person.email,
      idHash: hashToken(id),
      browserHash: bindBrowser(request, reply),
      ...(requestId !== undefined && { requestId }),
      createdAt: now,
      expiresAt: secondsAfter(now, upstreamAttemptTtlSeconds),
    })
    return redirectTo(reply, `/login/link?${new URLSearchParams({ confirmation: id, ui_locales: lang })}`)
  }

  return async (request, reply, person, outcome, visit) => {
    const { provider } = person
    const target = { provider, purpose: 'login' as const, requestId: visit.requestId, lang: visit.lang }
    switch (outcome.outcome) {
      case 'ok': {
        const { user, readAt } = outcome
        return deps.startSession(request, reply, { user, readAt, amr: amrOf(provider) }, target)
      }
      case 'confirm':
        return offerLink(request, reply, { ...person, email: outcome.email }, visit)
      case 'disabled':
        return returnWithProblem(reply, 'account_disabled', target)
      case 'ended':
        return returnWithProblem(reply, 'provider_expired', target)
      case 'registration_closed':
        return returnWithProblem(reply, 'registration_closed', target)
      case 'throttled':
        return returnWithProblem(reply, 'registration_throttled', target)
    }
  }
}
