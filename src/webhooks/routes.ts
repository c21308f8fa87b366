// Calls of providers to us: addresses, content types, sizes. Who is not configured has no address. Nothing here trusts
// a browser, so nothing asks where a request came from: each call proves itself.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { logFailure, problemErrorHandler, problemOf } from '../http/problem.ts'
import { acceptForms, requireForm } from '../http/server.ts'
import { type Receiver, refuse } from './receive-events.ts'

/** Larger than any event, smaller than any trouble. */
const maxEventBytes = 16_384

export interface Webhooks {
  kakaoEvents?: Receiver
  kakaoUnlink?: Receiver
  googleEvents?: Receiver
}

/** Refused in the words of RFC 8935; our own trouble is a problem as everywhere, and the sender comes back. */
const eventErrors = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
  const { status } = problemOf(error)
  if (status >= 500 || status === 405) return problemErrorHandler(error, request, reply)
  logFailure(request, error, status)
  return refuse(reply, 'invalid_request')
}

export const mountWebhookRoutes = async (server: FastifyInstance, webhooks: Webhooks) => {
  const { kakaoEvents, kakaoUnlink, googleEvents } = webhooks

  await server.register(async (events) => {
    events.addContentTypeParser(
      ['application/secevent+jwt', 'application/jwt'],
      { parseAs: 'string', bodyLimit: maxEventBytes },
      (_request, body, done) => done(null, body),
    )
    events.setErrorHandler(eventErrors)
    const options = { bodyLimit: maxEventBytes }
    if (kakaoEvents) events.post('/webhooks/kakao/events', options, kakaoEvents)
    if (googleEvents) events.post('/webhooks/google/risc', options, googleEvents)
  })

  if (kakaoUnlink)
    await server.register(async (unlink) => {
      acceptForms(unlink)
      unlink.get('/webhooks/kakao/unlink', kakaoUnlink)
      unlink.post('/webhooks/kakao/unlink', { preValidation: requireForm }, kakaoUnlink)
    })
}
