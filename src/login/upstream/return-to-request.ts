// Where the person goes when a sign-in through a provider ends without one: back to the page they came from, which says
// what happened. Always a redirect, so that code and state leave the address bar (checklist G9).
import type { FastifyReply } from 'fastify'
import { type Fields, single } from '../../http/form.ts'

/** In words for a URL; pages/login.ts and pages/account.ts have the sentences. */
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

export interface WayBack {
  provider?: string
  purpose: 'login' | 'link'
  requestId?: string | undefined
  lang?: 'ko' | 'en'
}

export const returnWithProblem = (
  reply: FastifyReply,
  problem: ProviderProblem,
  { provider, purpose, requestId, lang }: WayBack,
) => {
  const query = new URLSearchParams({
    problem,
    ...(provider !== undefined && { provider }),
    ...(requestId !== undefined && { request: requestId }),
    ...(lang !== undefined && { ui_locales: lang }),
  })
  return redirectTo(reply, `${purpose === 'link' ? '/account' : '/login'}?${query}`)
}

/** 303, and nobody is told where the person came from. */
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

const retryAfterSeconds = 30

/** What the sign-in page is to say of a sign-in through a provider that came back to it. */
export const readReturn = (fields: Fields, providers: readonly { id: string }[]) => {
  const given = single(fields, 'problem')
  const what = providerProblems.find((problem) => problem === given)
  if (what === undefined) return {}
  const provider = providers.find(({ id }) => id === single(fields, 'provider'))?.id
  const status = statuses[what]
  return {
    problem: { what, ...(provider !== undefined && { provider }) },
    ...(status !== undefined && { status }),
    ...((status === 503 || status === 429) && { retryAfterSeconds }),
  }
}
