// Mounts the pages that work with links in mails. They do not exist if this installation sends no mail.
import type { FastifyInstance } from 'fastify'
import type { EmailFlows } from '../../email-links/email-flows.ts'
import { requireForm } from '../../http/server.ts'
import type { SignIn } from '../../sessions/sign-in.ts'
import type { FindWaitingRequest } from '../waiting-request.ts'
import { createForgotPasswordPages } from './forgot-password.ts'
import { createLinkPages } from './link-pages.ts'
import { createUnconfirmedPages } from './unconfirmed.ts'

/** @param pages accepts forms, and answers errors with a page */
export const mountMailed = (
  pages: FastifyInstance,
  deps: {
    emailFlows: EmailFlows
    findWaitingRequest: FindWaitingRequest
    signIn: SignIn
    issuer: string
    minPasswordLength: number
  },
) => {
  const { sendLinks } = deps.emailFlows
  const all = {
    '/forgot-password': createForgotPasswordPages({ ...deps, sendLinks }),
    '/unconfirmed': createUnconfirmedPages({ ...deps, sendLinks }),
    ...createLinkPages(deps),
  }
  for (const [path, { get, post }] of Object.entries(all)) {
    pages.get(path, get)
    pages.post(path, { preValidation: requireForm }, post)
  }
}
