// Kakao's unlink webhook: a user disconnected the app at Kakao. Kakao sends our admin key by GET or POST and
// expects 200 within three seconds. Kakao promises no retry, and pauses the webhook after too many failures.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type Fields, requestFields, single } from '../http/form.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { ProviderSignal, ProviderSignals } from '../identities/signals.ts'
import { randomToken, sameSecret } from '../secrets.ts'
import { withTimeout } from '../with-timeout.ts'
import { answerLimitMs, type Receiver } from './receive-events.ts'

/** How many signals wait in memory while the store is down. Further signals are lost, and the log says so. */
const maxHeld = 1000

export interface KakaoUnlinks {
  receive: Receiver
  /** Enqueues the signals that wait in memory. @throws {Unavailable} if the store is still down */
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
    const isAdminKey = sameSecret(request.headers.authorization ?? '', `KakaoAK ${adminKey}`)
    // Compare both values always, so that the response time does not tell which one was wrong.
    return sameSecret(single(fields, 'app_id') ?? '', appId) && isAdminKey
  }

  const receive = async (request: FastifyRequest, reply: FastifyReply) => {
    const audit = (type: 'webhook.accepted' | 'webhook.refused', reason: string) =>
      deps.audit({
        type,
        actor: 'system',
        reason: `kakao: unlink, ${reason}`,
        ...auditContext(requestContext(request)),
      })
    const fields = requestFields(request)
    if (!isKakao(request, fields)) {
      audit('webhook.refused', 'wrong admin key or app')
      throw new ProblemError({
        status: 401,
        code: 'unauthorized',
        detail: { en: 'The admin key or the app id is wrong.', ko: '어드민 키나 앱 ID가 맞지 않아요.' },
      })
    }
    const subject = single(fields, 'user_id') ?? ''
    if (!/^\d{1,20}$/.test(subject)) {
      audit('webhook.refused', 'no valid user_id')
      throw new ProblemError({
        status: 400,
        code: 'invalid_request',
        detail: {
          en: 'user_id is missing or is not a Kakao user id.',
          ko: 'user_id가 없거나 카카오 회원번호가 아니에요.',
        },
      })
    }

    const now = clock.now()
    const signal: ProviderSignal = {
      // The call has no id. A random one keeps two calls apart: the same user may connect and unlink again.
      id: randomToken(),
      provider: 'kakao',
      subject,
      action: 'end_connection',
      occurredAt: now,
      receivedAt: now,
    }
    const hold = (cause: unknown) => {
      request.log.error({ err: cause }, 'the store did not accept an unlink signal, so it waits in memory')
      if (held.length < maxHeld) held.push(signal)
    }
    await withTimeout(providerSignals.enqueue(signal).catch(hold), answerLimitMs)
    audit('webhook.accepted', 'accepted')
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
