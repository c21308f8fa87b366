// Shows the page of a link confirmation, with the answers that the user may give.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { pageFrame, sendPage } from '../../http/page.ts'
import type { ProviderSignIns } from '../../identities/provider-sign-in.ts'
import { linkPage } from '../../pages/link-confirmation-page.ts'
import { type FindWaitingRequest, findIfStillWaiting } from '../waiting-request.ts'
import type { FoundConfirmation } from './find-link-confirmation.ts'
import type { UpstreamProvider } from './provider.ts'

type Problem = NonNullable<Parameters<typeof linkPage>[0]['problem']>

export type ShowLinkConfirmation = (
  request: FastifyRequest,
  reply: FastifyReply,
  confirmation: FoundConfirmation,
  options?: { problem?: Problem; status?: number; retryAfterSeconds?: number },
) => Promise<FastifyReply>

export const createShowLinkConfirmation =
  (deps: {
    providers: readonly UpstreamProvider[]
    findWaitingRequest: FindWaitingRequest
    providerSignIns: ProviderSignIns
    /** True if the installation sends mail. */
    mail: boolean
    registration: boolean
  }): ShowLinkConfirmation =>
  async (request, reply, confirmation, { status, problem, retryAfterSeconds } = {}) => {
    const frame = pageFrame(request)
    // The confirmation can outlive the request. Then no link or button of the page carries the request.
    const waiting = await findIfStillWaiting(deps.findWaitingRequest, confirmation.requestId)
    const mayTakeOver = await deps.providerSignIns.mayTakeOver(confirmation)
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
    const page = linkPage({
      ...frame,
      confirmationId: confirmation.id,
      provider: confirmation.provider,
      email: confirmation.email,
      mail: deps.mail,
      mayTakeOver,
      mayStayApart: !confirmation.emailVerified && deps.registration,
      providers: deps.providers.map(({ id }) => id).filter((id) => id !== confirmation.provider),
      ...(waiting && { requestId: waiting.sealed }),
      ...(problem !== undefined && { problem }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    })
    // Chrome applies form-action to the redirects after the POST too, so the list includes the client's URI.
    const formTo = [
      ...deps.providers.flatMap(({ pages }) => pages),
      ...(waiting ? [waiting.parked.request.redirectUri] : []),
    ]
    return sendPage(reply, frame, page, { formTo, ...(status && { status }) })
  }
