// What the sign-in pages know of the client's request that waits behind them.
import type { FastifyReply } from 'fastify'
import { ProblemError } from '../http/problem.ts'
import type { FindParkedRequest, FoundParkedRequest } from '../sessions/parked-request.ts'

export type FindWaitingRequest = (id: string | undefined) => Promise<FoundParkedRequest | undefined>

/**
 * Undefined if the person came without a client's request.
 * @throws {ProblemError} 400 if the request expired
 */
export const createFindWaitingRequest =
  (findParkedRequest: FindParkedRequest): FindWaitingRequest =>
  async (id) => {
    if (id === undefined) return undefined
    const found = await findParkedRequest(id)
    if (found) return found
    throw new ProblemError({ status: 400, code: 'expired', detail: 'This sign-in has expired.' })
  }

/** On to the client's request, or to the person's own account page. 303: the password is not sent again (RFC 9700 §4.12). */
export const continueRequest = (reply: FastifyReply, requestId: string | undefined) =>
  reply
    .header('cache-control', 'no-store')
    .redirect(
      requestId === undefined ? '/account' : `/authorize?resume=${encodeURIComponent(requestId)}`,
      303,
    )
