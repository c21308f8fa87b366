// GET /dev/mail: the mails of a local issuer without a mail server. Only this machine can read them, because
// they contain links that open accounts.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { pageErrorHandler, pageFrame, sendPage } from '../http/page.ts'
import { ProblemError } from '../http/problem.ts'
import { isThisMachine } from '../http/this-machine.ts'
import type { Message } from '../mail/message.ts'
import { devMailListPage, devMailPage } from './dev-mail-page.ts'
import type { DevMailbox } from './dev-mailbox.ts'

const notFound = () =>
  new ProblemError({
    status: 404,
    code: 'not_found',
    detail: { en: 'There is nothing at this address.', ko: '이 주소에는 아무것도 없어요.' },
  })

export const mountDevMail = async (
  server: FastifyInstance,
  { mailbox, issuer }: { mailbox: DevMailbox; issuer: string },
) => {
  const { host } = new URL(issuer)

  /** The host keeps out a page of another site whose name leads to this machine (DNS rebinding). */
  const isReader = (request: FastifyRequest): boolean =>
    isThisMachine(request) && request.headers.host === host

  const messageOf = (request: FastifyRequest): Message => {
    const message = mailbox.find((request.params as { id: string }).id)
    if (message === undefined) throw notFound()
    return message
  }

  await server.register(async (pages) => {
    pages.setErrorHandler(pageErrorHandler)
    pages.addHook('onRequest', async (request) => {
      if (!isReader(request)) throw notFound()
    })
    pages.get('/dev/mail', async (request, reply) => {
      const frame = pageFrame(request)
      return sendPage(reply, frame, devMailListPage(frame, mailbox.list()))
    })
    pages.get('/dev/mail/:id', async (request, reply) => {
      const frame = pageFrame(request)
      return sendPage(reply, frame, devMailPage(frame, messageOf(request)), { frames: true })
    })
    pages.get('/dev/mail/:id/html', async (request, reply) =>
      reply
        .headers({
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'content-security-policy':
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; " +
            "frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation",
          'x-frame-options': 'SAMEORIGIN',
          'cross-origin-resource-policy': 'same-origin',
          'referrer-policy': 'no-referrer',
        })
        // A link replaces the whole page, because no page of the issuer may be in a frame.
        .send(messageOf(request).html.replace('<head>', '<head>\n<base target="_top">')),
    )
  })
}
