// The routes that providers call: addresses, content types, size limits. Only a configured provider has
// routes. A signature or a key authenticates each call, so a cross-site request has no effect.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { logFailure, problemErrorHandler, problemOf } from '../http/problem.ts'
import { acceptForms, requireForm } from '../http/server.ts'
import type { ProviderSignals } from '../identities/signals.ts'
import type { RemoteJwks } from '../upstream-keys/remote-jwks.ts'
import { createGoogleSource, googleEvents } from './google-events.ts'
import { createKakaoSource, kakaoEvents } from './kakao-events.ts'
import { createKakaoUnlinks } from './kakao-unlink.ts'
import { createEventReceiver, refuse } from './receive-events.ts'

/** Larger than any real event, and small enough to be harmless. */
const maxEventBytes = 16_384

export interface WebhookDeps {
  clock: Clock
  audit: Audit
  providerSignals: ProviderSignals
  providerKeys: { kakao: RemoteJwks; google: RemoteJwks }
  /** A provider that is not configured is undefined. */
  settings: {
    kakao?: { clientId: string; adminKey?: string; appId?: string } | undefined
    google?: { clientId: string } | undefined
  }
}

export interface Webhooks {
  /** Tries again to store the signals that the store refused. */
  retry(): Promise<void>
}

/**
 * Answers a refusal as RFC 8935 §2.4 asks. Our own failures are problem documents, and the sender retries.
 */
const eventErrors = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
  const { status } = problemOf(error)
  if (status >= 500 || status === 405) return problemErrorHandler(error, request, reply)
  logFailure(request, error, status)
  return refuse(reply, 'invalid_request')
}

export const mountWebhooks = async (server: FastifyInstance, deps: WebhookDeps): Promise<Webhooks> => {
  const { settings, providerKeys } = deps
  const { kakao, google } = settings

  await server.register(async (events) => {
    events.addContentTypeParser(
      ['application/secevent+jwt', 'application/jwt'],
      { parseAs: 'string', bodyLimit: maxEventBytes },
      (_request, body, done) => done(null, body),
    )
    events.setErrorHandler(eventErrors)
    const options = { bodyLimit: maxEventBytes }
    if (kakao) {
      const source = createKakaoSource(kakao.clientId, providerKeys.kakao)
      const receive = createEventReceiver({ ...deps, provider: 'kakao', table: kakaoEvents, source })
      events.post('/webhooks/kakao/events', options, receive)
    }
    if (google) {
      const source = createGoogleSource([google.clientId], providerKeys.google)
      const receive = createEventReceiver({ ...deps, provider: 'google', table: googleEvents, source })
      events.post('/webhooks/google/risc', options, receive)
    }
  })

  if (kakao?.adminKey === undefined || kakao.appId === undefined) return { retry: async () => {} }
  const unlinks = createKakaoUnlinks({ ...deps, adminKey: kakao.adminKey, appId: kakao.appId })
  await server.register(async (unlink) => {
    acceptForms(unlink)
    unlink.get('/webhooks/kakao/unlink', unlinks.receive)
    unlink.post('/webhooks/kakao/unlink', { preValidation: requireForm }, unlinks.receive)
  })
  return { retry: unlinks.retry }
}
