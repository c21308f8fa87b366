// Receives one signed event from a provider by POST (RFC 8935): verifies, enqueues, answers.
// identities/apply-signals.ts applies the signals later, because the sender waits only three seconds.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { ProviderAction, ProviderSignals } from '../identities/signals.ts'
import { hashToken } from '../secrets.ts'
import { Unavailable } from '../unavailable.ts'
import { withTimeout } from '../with-timeout.ts'
import { type EventSource, type Refusal, readSecurityEvent } from './security-event.ts'

/** Kakao and Google wait three seconds for an answer and count a later one as a failure. */
export const answerLimitMs = 2000

/** Maps the URI of an event to the action of Dojang. A URI that is not in the table has no effect. */
export type EventTable = Readonly<Record<string, ProviderAction | 'nothing'>>

export type Receiver = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

const descriptions: Record<Refusal, string> = {
  invalid_request: 'The request is not a readable security event token.',
  invalid_key: 'The signature does not match a key that the provider publishes.',
  invalid_issuer: 'The issuer is not the provider of this address.',
  invalid_audience: 'The audience is not this app.',
}

/** The error answer of RFC 8935 §2.4. Kakao asks for the same. */
export const refuse = (reply: FastifyReply, refusal: Refusal) =>
  reply
    .code(400)
    .headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .send(JSON.stringify({ err: refusal, description: descriptions[refusal] }))

/** The last part of a URI in the table. Text that only the sender knows must not reach the audit log. */
const nameOf = (table: EventTable, uri: string): string =>
  Object.hasOwn(table, uri) ? (uri.split('/').at(-1) ?? 'event') : 'unknown event'

export const createEventReceiver =
  (deps: {
    provider: string
    source: EventSource
    table: EventTable
    clock: Clock
    providerSignals: ProviderSignals
    audit: Audit
  }): Receiver =>
  async (request, reply) => {
    const { provider, source, table, clock, providerSignals } = deps
    const audit = (type: 'webhook.accepted' | 'webhook.refused', reason: string) =>
      deps.audit({
        type,
        actor: 'system',
        reason: `${provider}: ${reason}`,
        ...auditContext(requestContext(request)),
      })
    const now = clock.now()

    const enqueueEvents = async () => {
      const token = await readSecurityEvent(String(request.body), source, now)
      if (token.outcome !== 'valid') return token
      const accepted: string[] = []
      for (const { uri, subject } of token.events) {
        const name = nameOf(table, uri)
        const action = Object.hasOwn(table, uri) ? table[uri] : undefined
        if (action === undefined || action === 'nothing') accepted.push(name)
        else if (subject === undefined) accepted.push(`${name}, no user named`)
        else {
          const id = hashToken(JSON.stringify([provider, token.id, action, subject]))
          const signal = { id, provider, subject, action, occurredAt: token.occurredAt, receivedAt: now }
          const queued = await providerSignals.enqueue(signal)
          accepted.push(queued === 'duplicate' ? `${name}, duplicate` : name)
        }
      }
      return { outcome: 'accepted' as const, accepted }
    }

    const result = await withTimeout(enqueueEvents(), answerLimitMs)
    if (result === 'late') throw new Unavailable('an answer within the time that the sender waits')
    switch (result.outcome) {
      case 'accepted':
        audit('webhook.accepted', result.accepted.join('; '))
        return reply.code(202).header('cache-control', 'no-store').send()
      case 'refused':
        audit('webhook.refused', result.reason)
        return refuse(reply, result.refusal)
      case 'unavailable':
        audit('webhook.refused', 'could not fetch the keys of the provider')
        throw new Unavailable("the provider's keys")
    }
  }
