// GET /healthz answers while the process runs. GET /readyz needs stores that accept writes, all migrations
// and a signing key, and fails before the server stops. Neither route shows details.
import type { FastifyInstance } from 'fastify'
import { type Clock, secondsAfter } from '../clock.ts'

/** Anyone may call /readyz, and the probe writes to the stores. */
const probeAgainAfterSeconds = 1

/** Calls `probe` at most once a second. Other calls share its result. */
const atMostOnceASecond = (clock: Clock, probe: () => Promise<void>): (() => Promise<void>) => {
  let last: { startedAt: Date; result: Promise<void> } | undefined
  return () => {
    const now = clock.now()
    if (last === undefined || now >= secondsAfter(last.startedAt, probeAgainAfterSeconds))
      last = { startedAt: now, result: probe() }
    return last.result
  }
}

/**
 * @param deps.ready rejects while the server cannot serve requests
 * @param deps.probeWrites rejects while a store accepts no write
 * @param deps.isDraining true if the server is about to stop
 */
export const mountHealth = (
  server: FastifyInstance,
  deps: { clock: Clock; ready(): Promise<void>; probeWrites(): Promise<void>; isDraining(): boolean },
) => {
  const probeWrites = atMostOnceASecond(deps.clock, deps.probeWrites)
  // Load balancers and monitors may use HEAD.
  const withHead = { exposeHeadRoute: true }
  server.get('/healthz', withHead, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  )
  server.get('/readyz', withHead, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const unavailable = () => reply.code(503).header('retry-after', '2').send({ status: 'unavailable' })
    if (deps.isDraining()) return unavailable()
    try {
      await deps.ready()
      await probeWrites()
      return reply.send({ status: 'ready' })
    } catch (error) {
      request.log.warn({ err: error }, 'not ready')
      return unavailable()
    }
  })
}
