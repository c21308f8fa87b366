// GET /metrics for Prometheus. No label names a user, a client or an IP address. Readable with METRICS_TOKEN.
// Without a token it is readable only from this machine, and only if the issuer is on this machine too.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, Gauge, Registry } from 'prom-client'
import { type AuditEvent, auditEventTypes } from '../audit.ts'
import { sameSecret } from '../secrets.ts'
import { bearerToken } from './bearer.ts'
import { sendProblem } from './problem.ts'
import { isThisMachine } from './this-machine.ts'

export interface Measured {
  /** The times of the current signing key. Without a scheduled rotation the second one is absent. */
  signingKey(): { ageSeconds: number; secondsUntilRetirement?: number } | undefined
  hashQueueDepth(): number
  /** Time since the revocation feed last read its store; undefined before the first read. */
  revocationFeedAgeSeconds(): number | undefined
  /** Undefined if the store does not answer. */
  mails(): Promise<{ waiting: number; failed: number } | undefined>
}

export interface Metrics {
  count(event: AuditEvent): void
  mount(server: FastifyInstance): void
}

export const createMetrics = (
  measured: Measured,
  { token, isLocalIssuer }: { token: string | undefined; isLocalIssuer: boolean },
): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const events = new Counter({
    name: 'dojang_events_total',
    help: 'Security events by type, as in the audit log.',
    labelNames: ['type'],
    registers,
  })
  const counters = new Map(auditEventTypes.map((type) => [type, events.labels({ type })]))
  for (const counter of counters.values()) counter.inc(0)
  new Gauge({
    name: 'dojang_signing_key_age_seconds',
    help: 'Time since the current signing key became active.',
    registers,
    collect() {
      this.set(measured.signingKey()?.ageSeconds ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'dojang_signing_key_retires_in_seconds',
    help: 'Time until the signing key is replaced; NaN while no rotation is scheduled.',
    registers,
    collect() {
      this.set(measured.signingKey()?.secondsUntilRetirement ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'dojang_hash_queue_depth',
    help: 'Passwords that are being hashed or wait in the queue.',
    registers,
    collect() {
      this.set(measured.hashQueueDepth())
    },
  })
  new Gauge({
    name: 'dojang_revocation_feed_age_seconds',
    help: 'Time since the revocation feed last read its store; NaN before the first read.',
    registers,
    collect() {
      this.set(measured.revocationFeedAgeSeconds() ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'dojang_mails',
    help: 'Mails that wait to be sent, and mails that could not be sent; NaN if the store does not answer.',
    labelNames: ['state'],
    registers,
    async collect() {
      const mails = await measured.mails()
      this.set({ state: 'waiting' }, mails?.waiting ?? Number.NaN)
      this.set({ state: 'failed' }, mails?.failed ?? Number.NaN)
    },
  })

  const mayRead = (request: FastifyRequest): boolean =>
    token === undefined
      ? isLocalIssuer && isThisMachine(request)
      : sameSecret(bearerToken(request) ?? '', token)

  return {
    count: ({ type }) => counters.get(type)?.inc(),
    mount: (server) => {
      server.get('/metrics', async (request, reply) => {
        if (!mayRead(request))
          return sendProblem(reply, {
            status: 404,
            code: 'not_found',
            detail: { en: 'There is nothing at this address.', ko: '이 주소에는 아무것도 없어요.' },
          })
        return reply
          .headers({ 'content-type': registry.contentType, 'cache-control': 'no-store' })
          .send(await registry.metrics())
      })
    },
  }
}
