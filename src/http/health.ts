// GET /healthz answers while the process runs. GET /readyz needs the stores, all migrations and a signing
// key. Neither route shows details.
import type { FastifyInstance } from 'fastify'

/** @param ready rejects while the server cannot serve requests */
export const mountHealth = (server: FastifyInstance, ready: () => Promise<void>) => {
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
