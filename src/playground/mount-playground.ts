// GET / : in the embedded mode a page to try the whole flow on; elsewhere the way to one's own account.
import type { FastifyInstance } from 'fastify'
import { pageErrorHandler, pageFrame, sendPage } from '../http/page.ts'
import { playgroundPage } from './playground-page.ts'

export const mountPlayground = async (
  server: FastifyInstance,
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
