// The hosted sign-in pages: their addresses. They know a client's request only as an id, and lead back to /authorize.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pageErrorHandler } from '../http/page.ts'
import { acceptForms, requireForm } from '../http/server.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

export const mountLoginRoutes = async (
  server: FastifyInstance,
  pages: { password: { get: Handler; post: Handler }; register: { get: Handler; post: Handler } },
) => {
  await server.register(async (hosted) => {
    hosted.removeAllContentTypeParsers()
    acceptForms(hosted)
    hosted.setErrorHandler(pageErrorHandler)
    hosted.get('/login', pages.password.get)
    hosted.post('/login/password', { preValidation: requireForm }, pages.password.post)
    hosted.get('/register', pages.register.get)
    hosted.post('/register', { preValidation: requireForm }, pages.register.post)
  })
}
