// The client's parked authorization request, as the login pages see it.
import type { FastifyReply } from 'fastify'
import { ProblemError } from '../http/problem.ts'
import type { FindParkedRequest, FoundParkedRequest } from '../sessions/parked-request.ts'

/**
 * Undefined if there is no id: the user opened the login page without a client.
 * @throws {ProblemError} 400 if the request is expired or unknown
 */
export type FindWaitingRequest = (id: string | undefined) => Promise<FoundParkedRequest | undefined>

export const createFindWaitingRequest =
  (findParkedRequest: FindParkedRequest): FindWaitingRequest =>
  async (id) => {
    if (id === undefined) return undefined
    const found = await findParkedRequest(id)
    if (found) return found
    throw new ProblemError({ status: 400, code: 'expired', detail: 'This sign-in has expired.' })
  }

/** Undefined if the request cannot be found. The login goes on, and /authorize reports the problem later. */
export const findIfStillWaiting = (find: FindWaitingRequest, id: string | undefined) =>
  find(id).catch(() => undefined)

/**
 * Continues with the client's request, or with the account page if there is none. The status is 303, so that
 * the browser does not send the password again (RFC 9700 §4.12).
 */
export const continueRequest = (reply: FastifyReply, requestId: string | undefined) =>
  reply
    .header('cache-control', 'no-store')
    .redirect(
      requestId === undefined ? '/account' : `/authorize?resume=${encodeURIComponent(requestId)}`,
      303,
    )
