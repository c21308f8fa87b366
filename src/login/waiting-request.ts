// The client's parked authorization request, as the login pages see it.
import type { FastifyReply } from 'fastify'
import { ProblemError } from '../http/problem.ts'
import type { FoundParkedRequest, ParkedRequests } from '../sessions/parked-request.ts'

/**
 * Undefined if the page carries no request: the user opened the login page without a client.
 * @throws {ProblemError} 400 if the request is expired or forged
 */
export type FindWaitingRequest = (sealed: string | undefined) => Promise<FoundParkedRequest | undefined>

export const createFindWaitingRequest =
  (parkedRequests: ParkedRequests): FindWaitingRequest =>
  async (sealed) => {
    if (sealed === undefined) return undefined
    const found = await parkedRequests.find(sealed)
    if (found) return found
    throw new ProblemError({
      status: 400,
      code: 'expired',
      detail: { en: 'This sign-in has expired.', ko: '시간이 지나 로그인이 만료되었어요.' },
    })
  }

/** Undefined if the request cannot be found. The login goes on, and /authorize reports the problem later. */
export const findIfStillWaiting = (find: FindWaitingRequest, sealed: string | undefined) =>
  find(sealed).catch(() => undefined)

/**
 * Continues with the client's request, or with the account page if there is none. The status is 303, so that
 * the browser does not send the password again (RFC 9700 §4.12).
 */
export const continueRequest = (reply: FastifyReply, sealed: string | undefined) =>
  reply
    .header('cache-control', 'no-store')
    .redirect(sealed === undefined ? '/account' : `/authorize?resume=${encodeURIComponent(sealed)}`, 303)
