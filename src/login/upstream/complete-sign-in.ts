// What follows once it is known who somebody at a provider is here: a session, a question, or a refusal with a way on.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Clock, secondsAfter } from '../../clock.ts'
import type { ProviderSignIn } from '../../identities/provider-sign-in.ts'
import { hashToken, randomToken } from '../../secrets.ts'
import { type ProviderPerson, providerPersonOf } from '../../sessions/provider-person.ts'
import type { UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import { upstreamAttemptTtlSeconds } from '../../sessions/upstream-attempt.ts'
import type { User } from '../../users/user.ts'
import type { SignInInBrowser } from '../browser-sign-in.ts'
import { continueRequest } from '../waiting-request.ts'
import { bindBrowser } from './browser-binding.ts'
import { redirectTo, returnWithProblem } from './return-to-request.ts'

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

/** RFC 8176 has no value for "somebody else vouched for them": `fed`, and who did. */
export const amrOf = (provider: string): readonly string[] => ['fed', provider]

export const createCompleteSignIn = (deps: {
  clock: Clock
  upstreamAttempts: UpstreamAttempts
  signInInBrowser: SignInInBrowser
  clientIdOf(requestId: string | undefined): Promise<string | undefined>
}): CompleteSignIn => {
  const offer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    person: ProviderPerson,
    email: string,
    { requestId, lang }: Visit,
  ) => {
    const id = randomToken()
    const now = deps.clock.now()
    await deps.upstreamAttempts.offer({
      ...providerPersonOf(person),
      email,
      idHash: hashToken(id),
      browserHash: bindBrowser(request, reply),
      ...(requestId !== undefined && { requestId }),
      offeredAt: now,
      expiresAt: secondsAfter(now, upstreamAttemptTtlSeconds),
    })
    return redirectTo(reply, `/login/link?${new URLSearchParams({ offer: id, ui_locales: lang })}`)
  }

  const enter = async (
    request: FastifyRequest,
    reply: FastifyReply,
    user: User,
    provider: string,
    { requestId }: Visit,
  ) => {
    const clientId = await deps.clientIdOf(requestId)
    await deps.signInInBrowser(request, reply, {
      ...{ user, amr: amrOf(provider) },
      ...(clientId !== undefined && { clientId }),
    })
    return continueRequest(reply.header('referrer-policy', 'no-referrer'), requestId)
  }

  return async (request, reply, person, outcome, visit) => {
    const { provider } = person
    const back = { provider, purpose: 'login' as const, requestId: visit.requestId, lang: visit.lang }
    switch (outcome.outcome) {
      case 'ok':
        return enter(request, reply, outcome.user, provider, visit)
      case 'confirm':
        return offer(request, reply, person, outcome.email, visit)
      case 'disabled':
        return returnWithProblem(reply, 'account_disabled', back)
      case 'registration_closed':
        return returnWithProblem(reply, 'registration_closed', back)
      case 'throttled':
        return returnWithProblem(reply, 'registration_throttled', back)
    }
  }
}
