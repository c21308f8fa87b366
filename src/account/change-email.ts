// The forms of the account page about the e-mail address: a link to a new address, and another link to
// confirm the present one. Both only send a mail. The link changes the address (login/mailed/).
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { LinkRequested, SendLinks } from '../email-links/send-links.ts'
import { single } from '../http/form.ts'
import { pageFrame } from '../http/page.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { isRecentlyAuthenticated } from '../sessions/session.ts'
import type { SignedIn } from '../sessions/sign-in.ts'
import type { AccountAction, BackToAccount } from './action.ts'
import { reauthenticate } from './action.ts'
import type { ShowAccount } from './show-account.ts'

export const createEmailActions = (deps: {
  clock: Clock
  sendLinks: SendLinks
  show: ShowAccount
  backToAccount: BackToAccount
}): { change: AccountAction; resend: AccountAction } => {
  const { sendLinks, show } = deps

  const contextOf = (request: FastifyRequest) => ({
    ...auditContext(requestContext(request)),
    locale: pageFrame(request).lang,
  })

  const answer = (
    request: FastifyRequest,
    reply: FastifyReply,
    signedIn: SignedIn,
    requested: LinkRequested,
  ) => {
    switch (requested.outcome) {
      case 'requested':
        return deps.backToAccount(request, reply, 'link_sent')
      case 'email_invalid':
        return show(request, reply, signedIn, { problem: 'email_invalid', status: 422 })
      case 'throttled': {
        const { retryAfterSeconds } = requested
        return show(request, reply, signedIn, { problem: 'throttled', status: 429, retryAfterSeconds })
      }
    }
  }

  return {
    change: async (request, reply, signedIn, fields) => {
      // A stranger at an open browser must not lock the user out (ASVS 7.5.1).
      if (!isRecentlyAuthenticated(signedIn.session, deps.clock.now())) return reauthenticate(request, reply)
      const email = single(fields, 'email') ?? ''
      const requested = await sendLinks.changeEmail(signedIn.user, email, contextOf(request))
      return answer(request, reply, signedIn, requested)
    },
    resend: async (request, reply, signedIn) => {
      const email = signedIn.user.email ?? ''
      return answer(request, reply, signedIn, await sendLinks.resendConfirmation(email, contextOf(request)))
    },
  }
}
