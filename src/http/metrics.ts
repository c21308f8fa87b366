// GET /metrics for Prometheus: counts of security events by type, the ages of the signing key and the revocation feed,
// the hash queue. No label names a person, a client or an address. For whoever has the token, or without one for this
// machine alone.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, Gauge, Registry } from 'prom-client'
import { type AuditEvent, auditEventTypes } from '../audit.ts'
import { sameSecret } from '../secrets.ts'
import { bearerToken } from './bearer.ts'
import { sendProblem } from './problem.ts'

export interface Measured {
  /** Age of the key that signs, and until it stops, if that is scheduled. */
  signingKey(): { ageSeconds: number; secondsUntilRetirement?: number } | undefined
  hashQueueDepth(): number
  /** Since the revocation feed last read its store. */
  revocationFeedAgeSeconds(): number | undefined
}

export interface Metrics {
  count(event: AuditEvent): void
  mount(server: FastifyInstance): void
}

/** The peer itself, not what a proxy says of it: behind a proxy nobody is local. */
const isThisMachine = (request: FastifyRequest): boolean =>
  ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? '') &&
  request.headers['x-forwarded-for'] === undefined &&
  request.headers.forwarded === undefined

export const createMetrics = (measured: Measured, token: string | undefined): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const events = new Counter({
    name: 'dojang_events_total',
    help: 'Security events by type, as in the audit log.',
    labelNames: ['type'],
    registers,
  })
  for (const type of auditEventTypes) events.inc({ type }, 0)
  new Gauge({
    name: 'dojang_signing_key_age_seconds',
    help: 'How long the key that signs has been signing.',
    registers,
    collect() {
      this.set(measured.signingKey()?.ageSeconds ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'dojang_signing_key_retires_in_seconds',
    help: 'Until the key that signs is replaced; NaN while no rotation is scheduled.',
    registers,
    collect() {
      this.set(measured.signingKey()?.secondsUntilRetirement ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'dojang_hash_queue_depth',
    help: 'Passwords that are being hashed or wait for it.',
    registers,
    collect() {
      this.set(measured.hashQueueDepth())
    },
  })

  new Gauge({
    name: 'dojang_revocation_feed_age_seconds',
    help: 'How old what the revocation feed knows is; NaN before the first reading.',
    registers,
    collect() {
      this.set(measured.revocationFeedAgeSeconds() ?? Number.NaN)
    },
  })

  const mayRead = (request: FastifyRequest): boolean =>
    token === undefined ? isThisMachine(request) : sameSecret(bearerToken(request) ?? '', token)

  return {
    count: ({ type }) => events.inc({ type }),
    mount: (server) => {
      server.get('/metrics', async (request, reply) => {
        if (!mayRead(request))
          return sendProblem(reply, {
            status: 404,
            code: 'not_found',
            detail: 'There is nothing at this address.',
          })
        return reply
          .headers({ 'content-type': registry.contentType, 'cache-control': 'no-store' })
          .send(await registry.metrics())
      })
    },
  }
}
