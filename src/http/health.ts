// Liveness touches nothing; readiness needs the stores, their migrations and a key that signs. Neither tells details.
import type { FastifyInstance } from 'fastify'

export const mountHealth = (server: FastifyInstance, ready: () => Promise<void>) => {
  // Load balancers and monitors may ask by HEAD.
  const andHead = { exposeHeadRoute: true }
  server.get('/healthz', andHead, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  )
  server.get('/readyz', andHead, async (request, reply) => {
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
