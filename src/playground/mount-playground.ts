// GET /: the playground in the embedded mode. With a database server it redirects to the user's account.
import type { FastifyInstance } from 'fastify'
import { pageErrorHandler, pageFrame, sendPage } from '../http/page.ts'
import { playgroundPage } from './playground-page.ts'

export const mountPlayground = async (
  server: FastifyInstance,
  /** Without a client there is no playground. */
  options: { issuer: string; clientId?: string; graceSeconds: number },
) => {
  const { issuer, clientId, graceSeconds } = options
  await server.register(async (pages) => {
    pages.setErrorHandler(pageErrorHandler)
    pages.get('/', async (request, reply) => {
      if (clientId === undefined) return reply.redirect('/account', 303)
      const frame = pageFrame(request)
      return sendPage(reply, frame, playgroundPage({ ...frame, issuer, clientId, graceSeconds }), {
        connect: true,
      })
    })
  })
}
