// Redirects after a failed sign-in through a provider, to the page that started it. That page shows the
// problem.
import type { FastifyReply } from 'fastify'
import { type Fields, single } from '../../http/form.ts'

/** The values of the query parameter `problem`. pages/provider-buttons.ts turns them into sentences. */
export const providerProblems = [
  'provider_cancelled',
  'provider_expired',
  'provider_failed',
  'provider_unavailable',
  'account_disabled',
  'registration_closed',
  'registration_throttled',
  'identity_taken',
  'reauthenticate',
] as const

export type ProviderProblem = (typeof providerProblems)[number]

export interface ReturnTarget {
  provider?: string
  purpose: 'login' | 'link'
  requestId?: string | undefined
  lang?: 'ko' | 'en'
}

export const returnWithProblem = (
  reply: FastifyReply,
  problem: ProviderProblem,
  { provider, purpose, requestId, lang }: ReturnTarget,
) => {
  const query = new URLSearchParams({
    problem,
    ...(provider !== undefined && { provider }),
    ...(requestId !== undefined && { request: requestId }),
    ...(lang !== undefined && { ui_locales: lang }),
  })
  return redirectTo(reply, `${purpose === 'link' ? '/account' : '/login'}?${query}`)
}

/** A 303 that does not reveal the current URL to the next site. */
export const redirectTo = (reply: FastifyReply, to: string) =>
  reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).redirect(to, 303)

const statuses: Partial<Record<ProviderProblem, number>> = {
  provider_expired: 400,
  provider_failed: 400,
  provider_unavailable: 503,
  account_disabled: 403,
  registration_closed: 403,
  registration_throttled: 429,
}

const providerRetryAfterSeconds = 30

/** The options of the login page, from the query that returnWithProblem wrote. */
export const readReturn = (fields: Fields, providers: readonly { id: string }[]) => {
  const given = single(fields, 'problem')
  const what = providerProblems.find((problem) => problem === given)
  if (what === undefined) return {}
  const provider = providers.find(({ id }) => id === single(fields, 'provider'))?.id
  const status = statuses[what]
  return {
    problem: { what, ...(provider !== undefined && { provider }) },
    ...(status !== undefined && { status }),
    ...((status === 503 || status === 429) && { retryAfterSeconds: providerRetryAfterSeconds }),
  }
}
