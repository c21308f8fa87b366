// GET|POST /login/link: a person at a provider has the e-mail address of an account, but is perhaps not its
// owner. The user signs in to the account first, or chooses another option (F10 in docs/security.md).

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../clock.ts'
import { formFields, queryFields, single } from '../../http/form.ts'
import { pageFrame } from '../../http/page.ts'
import { refuseCrossSite } from '../../http/same-origin.ts'
import type { ProviderPerson } from '../../sessions/provider-person.ts'
import type { FindWaitingRequest } from '../waiting-request.ts'
import { type ConfirmLinkDeps, createConfirmLink } from './confirm-link.ts'
import { createFindLinkConfirmation } from './find-link-confirmation.ts'
import type { UpstreamProvider } from './provider.ts'
import { returnWithProblem } from './return-to-request.ts'
import { createShowLinkConfirmation } from './show-link-confirmation.ts'

/** Confirms the link with a sign-in through another provider. This sign-in never creates an account. */
export type ConfirmByProvider = (
  request: FastifyRequest,
  reply: FastifyReply,
  by: ProviderPerson,
  visit: { confirmationId: string; lang: 'ko' | 'en' },
) => Promise<FastifyReply>

const returnExpired = (request: FastifyRequest, reply: FastifyReply) =>
  returnWithProblem(reply, 'provider_expired', { purpose: 'login', lang: pageFrame(request).lang })

export const createLinkConfirmations = (
  deps: ConfirmLinkDeps & {
    clock: Clock
    findWaitingRequest: FindWaitingRequest
    issuer: string
    providers: readonly UpstreamProvider[]
    mail: boolean
    registration: boolean
  },
) => {
  const findConfirmation = createFindLinkConfirmation(deps)
  const show = createShowLinkConfirmation(deps)
  const confirm = createConfirmLink(deps, show)

  const get = async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = queryFields(request)
    const confirmation = await findConfirmation(request, single(fields, 'confirmation'))
    if (confirmation === undefined) return returnExpired(request, reply)
    return single(fields, 'problem') === 'other_account'
      ? show(request, reply, confirmation, { problem: 'other_account' })
      : show(request, reply, confirmation)
  }

  const post = async (request: FastifyRequest, reply: FastifyReply) => {
    refuseCrossSite(request, deps.issuer)
    const fields = formFields(request)
    const confirmation = await findConfirmation(request, single(fields, 'confirmation'))
    if (confirmation === undefined) return returnExpired(request, reply)
    switch (single(fields, 'way')) {
      case 'take_over':
        return confirm.byTakeOver(request, reply, confirmation, fields)
      case 'apart':
        return confirm.byNewAccount(request, reply, confirmation)
      default:
        return confirm.byPassword(request, reply, confirmation, fields)
    }
  }

  const confirmByProvider: ConfirmByProvider = async (request, reply, by, { confirmationId, lang }) => {
    const confirmation = await findConfirmation(request, confirmationId)
    return confirmation === undefined
      ? returnExpired(request, reply)
      : confirm.byProvider(request, reply, confirmation, by, lang)
  }

  return { get, post, confirmByProvider }
}
