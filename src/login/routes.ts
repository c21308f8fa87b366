// The hosted sign-in pages: their addresses. They know a client's request only as an id, and lead back to /authorize.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pageErrorHandler, pageFrame, sendPage } from '../http/page.ts'
import { ProblemError } from '../http/problem.ts'
import { acceptForms, requireForm } from '../http/server.ts'
import { errorPage } from '../pages/error.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

const loginErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  if (!(error instanceof ProblemError) || error.problem.code !== 'expired')
    return pageErrorHandler(error, request, reply)
  const frame = pageFrame(request)
  return sendPage(reply, frame, errorPage({ ...frame, kind: 'expired', requestId: request.id }), {
    status: 400,
  })
}

export const loginRoutes = async (
  server: FastifyInstance,
  pages: { password: { get: Handler; post: Handler }; register: { get: Handler; post: Handler } },
) => {
  await server.register(async (hosted) => {
    hosted.removeAllContentTypeParsers()
    acceptForms(hosted)
    hosted.setErrorHandler(loginErrorHandler)
    hosted.get('/login', pages.password.get)
    hosted.post('/login/password', { preValidation: requireForm }, pages.password.post)
    hosted.get('/register', pages.register.get)
    hosted.post('/register', { preValidation: requireForm }, pages.register.post)
  })
}
