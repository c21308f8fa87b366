// POST of one signed event by a provider (RFC 8935): verified, put into the queue, answered. Acting on it is
// apply-signals.ts, later: a sender waits three seconds.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { ProviderAction, ProviderSignals } from '../identities/signals.ts'
import { hashToken } from '../secrets.ts'
import { Unavailable } from '../unavailable.ts'
import { withTimeout } from '../with-timeout.ts'
import { type EventSource, type Refusal, readSecurityEvent } from './security-event.ts'
import { senderPatienceMs } from './sender-patience.ts'

/** Event URI to what it does here. What is not in it does nothing. */
export type EventTable = Readonly<Record<string, ProviderAction | 'nothing'>>

export type Receiver = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

const descriptions: Record<Refusal, string> = {
  invalid_request: 'The request is not a security event token that we can read.',
  invalid_key: 'The signature does not match a published key of yours.',
  invalid_issuer: 'The issuer is not the one that sends to this address.',
  invalid_audience: 'The token is not for us.',
}

/** RFC 8935 §2.4; Kakao asks for the same. */
export const refuse = (reply: FastifyReply, refusal: Refusal) =>
  reply
    .code(400)
    .headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .send(JSON.stringify({ err: refusal, description: descriptions[refusal] }))

/** The last word of a URI that is in the table; the sender's own text is not repeated. */
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
        ...{ type, actor: 'system', reason: `${provider}: ${reason}` },
        ...auditContext(requestContext(request)),
      })
    const now = clock.now()

    const work = async () => {
      const token = await readSecurityEvent(String(request.body), source, now)
      if (token.outcome !== 'valid') return token
      const taken: string[] = []
      for (const { uri, subject } of token.events) {
        const name = nameOf(table, uri)
        const action = Object.hasOwn(table, uri) ? table[uri] : undefined
        if (action === undefined || action === 'nothing') taken.push(name)
        else if (subject === undefined) taken.push(`${name}, nobody named`)
        else {
          const id = hashToken(JSON.stringify([provider, token.id, action, subject]))
          const { occurredAt } = token
          const signal = { id, provider, subject, action, occurredAt, receivedAt: now }
          taken.push((await providerSignals.enqueue(signal)) === 'duplicate' ? `${name}, a repeat` : name)
        }
      }
      return { outcome: 'taken' as const, taken }
    }

    const done = await withTimeout(work(), senderPatienceMs)
    if (done === 'late') throw new Unavailable('an answer within the time that a sender waits')
    switch (done.outcome) {
      case 'taken':
        audit('webhook.accepted', done.taken.join('; '))
        return reply.code(202).header('cache-control', 'no-store').send()
      case 'refused':
        audit('webhook.refused', done.reason)
        return refuse(reply, done.refusal)
      case 'unavailable':
        audit('webhook.refused', 'its keys cannot be fetched')
        throw new Unavailable("a provider's keys")
    }
  }
