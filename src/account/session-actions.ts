// The forms of the account page that end access: one session, all other sessions, or a connected app.
import type { FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Consents } from '../clients/consent.ts'
import type { EmailLinks } from '../email-links/email-link.ts'
import { single } from '../http/form.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Sessions } from '../sessions/session.ts'
import type { SignedIn } from '../sessions/sign-in.ts'
import type { AccountAction, BackToAccount } from './action.ts'

export const createSessionActions = (deps: {
  sessions: Sessions
  consents: Consents
  endSessions: EndSessions
  audit: Audit
  backToAccount: BackToAccount
  emailLinks: Pick<EmailLinks, 'end'>
}): { endOne: AccountAction; endOthers: AccountAction; withdrawConsent: AccountAction } => {
  const { sessions, consents, endSessions, audit, backToAccount } = deps

  const auditFacts = (request: FastifyRequest, { user, session }: SignedIn) => ({
    actor: 'user' as const,
    userId: user.id,
    sessionId: session.id,
    ...auditContext(requestContext(request)),
  })

  // A thief in the session may have asked for a new address. The link ends first: if the next step fails, the
  // user ends the session again.
  const endEmailChange = ({ user }: SignedIn) => deps.emailLinks.end(user.id, 'change_email')

  return {
    endOne: async (request, reply, signedIn, fields) => {
      const id = single(fields, 'session') ?? ''
      const isOwn = (await sessions.listOfUser(signedIn.user.id)).some((session) => session.id === id)
      if (isOwn) await endEmailChange(signedIn)
      if (isOwn && (await endSessions.session(id)))
        audit({ type: 'session.ended', ...auditFacts(request, signedIn), sessionId: id })
      return backToAccount(request, reply, 'sessions_ended')
    },

    endOthers: async (request, reply, signedIn) => {
      await endEmailChange(signedIn)
      await endSessions.ofUser(signedIn.user.id, signedIn.session.id)
      audit({ type: 'session.ended', ...auditFacts(request, signedIn), reason: 'all other sessions' })
      return backToAccount(request, reply, 'sessions_ended')
    },

    withdrawConsent: async (request, reply, signedIn, fields) => {
      const clientId = single(fields, 'client') ?? ''
      if (await consents.withdraw(signedIn.user.id, clientId))
        audit({ type: 'consent.withdrawn', ...auditFacts(request, signedIn), clientId })
      // Runs even if the consent is already gone, because an earlier attempt may have failed here.
      for (const { id: sessionId, families } of await sessions.listOfUser(signedIn.user.id))
        for (const family of families)
          if (family.clientId === clientId) await endSessions.family({ id: family.familyId, sessionId })
      return backToAccount(request, reply, 'grant_withdrawn')
    },
  }
}
