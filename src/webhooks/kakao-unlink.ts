// Kakao's unlink webhook: somebody disconnected the app at Kakao. It is authenticated by our admin key alone, may come by GET, and wants
// 200 within three seconds whatever happens here: it is paused after too many failures, and nothing promises a retry.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type Fields, requestFields, single } from '../http/form.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { ProviderSignal, ProviderSignals } from '../identities/signals.ts'
import { randomToken, sameSecret } from '../secrets.ts'
import { withTimeout } from '../with-timeout.ts'
import type { Receiver } from './receive-events.ts'
import { senderPatienceMs } from './sender-patience.ts'

/** Signals that wait in memory because the store would not take them. */
const maxHeld = 1000

export interface KakaoUnlinks {
  receive: Receiver
  /** Tries again to put into the queue what the store would not take. */
  retry(): Promise<void>
}

export const createKakaoUnlinks = (deps: {
  adminKey: string
  appId: string
  clock: Clock
  providerSignals: ProviderSignals
  audit: Audit
}): KakaoUnlinks => {
  const { adminKey, appId, clock, providerSignals } = deps
  let held: ProviderSignal[] = []

  const isKakao = (request: FastifyRequest, fields: Fields): boolean => {
    const key = sameSecret(request.headers.authorization ?? '', `KakaoAK ${adminKey}`)
    // Both are always compared, so that the time says nothing of which was wrong.
    return sameSecret(single(fields, 'app_id') ?? '', appId) && key
  }

  const receive = async (request: FastifyRequest, reply: FastifyReply) => {
    const audit = (type: 'webhook.accepted' | 'webhook.refused', reason: string) =>
      deps.audit({
        ...{ type, actor: 'system', reason: `kakao: unlink, ${reason}` },
        ...auditContext(requestContext(request)),
      })
    const fields = requestFields(request)
    if (!isKakao(request, fields)) {
      audit('webhook.refused', 'wrong admin key or app')
      throw new ProblemError({ status: 401, code: 'unauthorized', detail: 'This is not a call of Kakao’s.' })
    }
    const subject = single(fields, 'user_id') ?? ''
    if (!/^\d{1,20}$/.test(subject)) {
      audit('webhook.refused', 'nobody named')
      throw new ProblemError({ status: 400, code: 'invalid_request', detail: 'user_id is missing.' })
    }

    const now = clock.now()
    // The call has no id of its own. The same person may leave twice, so no two calls are taken for one.
    const signal: ProviderSignal = {
      ...{ id: randomToken(), provider: 'kakao', subject, action: 'end_connection' },
      ...{ occurredAt: now, receivedAt: now },
    }
    const hold = (cause: unknown) => {
      request.log.error({ err: cause }, 'an unlinking waits in memory until the store takes it')
      if (held.length < maxHeld) held.push(signal)
    }
    await withTimeout(providerSignals.enqueue(signal).catch(hold), senderPatienceMs)
    audit('webhook.accepted', 'taken')
    return reply.code(200).header('cache-control', 'no-store').send()
  }

  const retry = async () => {
    const waiting = held
    held = []
    for (const [index, signal] of waiting.entries())
      try {
        await providerSignals.enqueue(signal)
      } catch (error) {
        held.push(...waiting.slice(index))
        throw error
      }
  }

  return { receive, retry }
}
