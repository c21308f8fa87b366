// What the sign-in pages know of the client's request that waits behind them.
import type { FastifyReply } from 'fastify'
import type { Client, Clients } from '../clients/client.ts'
import type { Clock } from '../clock.ts'
import { ProblemError } from '../http/problem.ts'
import { hashToken } from '../secrets.ts'
import type { ParkedRequest, ParkedRequests } from '../sessions/parked-request.ts'

export interface WaitingRequest {
  id: string
  parked: ParkedRequest
  client: Client
}

export type FindWaitingRequest = (id: string | undefined) => Promise<WaitingRequest | undefined>

/** Undefined when the person came here without a client's request. */
export const createFindWaitingRequest =
  (deps: { clock: Clock; clients: Clients; parkedRequests: ParkedRequests }): FindWaitingRequest =>
  async (id) => {
    if (id === undefined) return undefined
    const parked = await deps.parkedRequests.find(hashToken(id))
    const client = parked && (await deps.clients.find(parked.request.clientId))
    if (!parked || !client || parked.expiresAt <= deps.clock.now())
      throw new ProblemError({ status: 400, code: 'expired', detail: 'This sign-in has expired.' })
    return { id, parked, client }
  }

/** On to the client's request, or to the person's own account page. 303: the password is not sent again (RFC 9700 §4.12). */
export const continueRequest = (reply: FastifyReply, requestId: string | undefined) =>
  reply
    .header('cache-control', 'no-store')
    .redirect(
      requestId === undefined ? '/account' : `/authorize?resume=${encodeURIComponent(requestId)}`,
      303,
    )
