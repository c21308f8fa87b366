// GET /healthz answers while the process runs. GET /readyz needs stores that accept writes, all migrations
// and a signing key. Neither route shows details.
import type { FastifyInstance } from 'fastify'
import { type Clock, secondsAfter } from '../clock.ts'

/** Anyone may call /readyz, and a check writes to the stores. */
const checkAgainAfterSeconds = 1

/** Calls `check` at most once a second. Other calls share its result. */
const atMostOnceASecond = (clock: Clock, check: () => Promise<void>): (() => Promise<void>) => {
  let last: { startedAt: Date; result: Promise<void> } | undefined
  return () => {
    const now = clock.now()
    if (last === undefined || now >= secondsAfter(last.startedAt, checkAgainAfterSeconds))
      last = { startedAt: now, result: check() }
    return last.result
  }
}

/** @param deps.ready rejects while the server cannot serve requests */
export const mountHealth = (server: FastifyInstance, deps: { clock: Clock; ready(): Promise<void> }) => {
  const ready = atMostOnceASecond(deps.clock, deps.ready)
  // Load balancers and monitors may use HEAD.
  const withHead = { exposeHeadRoute: true }
  server.get('/healthz', withHead, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  )
  server.get('/readyz', withHead, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    try {
      await ready()
      return reply.send({ status: 'ready' })
    } catch (error) {
      request.log.warn({ err: error }, 'not ready')
      return reply.code(503).header('retry-after', '2').send({ status: 'unavailable' })
    }
  })
}
