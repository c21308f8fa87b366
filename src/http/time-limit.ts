// The time limit of a handler. Fastify's own limit builds an error with a stack for every request, also for
// those that end in time. This one is the timer that each connection has anyway.
import type { FastifyInstance } from 'fastify'
import { Unavailable } from '../unavailable.ts'

/** Longer than all store calls of a request may take together. */
const handlerLimitMs = 20_000

/** Answers 503 if no byte moves on the connection for this time, because the handler hangs. */
export const limitHandlers = (server: FastifyInstance, limitMs = handlerLimitMs) => {
  server.addHook('onRequest', (_request, reply, done) => {
    reply.raw.setTimeout(limitMs, () => {
      if (!reply.sent) reply.send(new Unavailable('a handler'))
    })
    done()
  })
}
