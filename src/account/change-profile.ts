// POST /account/profile: the user changes the own name and language. Apps read both in the next ID token and
// at /userinfo.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type Fields, single } from '../http/form.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { SignedIn } from '../sessions/sign-in.ts'
import {
  canonicalLocale,
  isDisplayName,
  normalName,
  type User,
  type UserChange,
  type Users,
} from '../users/user.ts'
import type { AccountAction, BackToAccount } from './action.ts'
import type { ShowAccount } from './show-account.ts'

/** The canonical language tag. An absent or empty field changes nothing. */
const localeOf = (given: string | undefined): string | undefined => {
  if (given === undefined) return undefined
  const locale = canonicalLocale(given)
  if (locale === undefined)
    throw new ProblemError({
      status: 400,
      code: 'invalid_request',
      detail: {
        en: 'locale must be a language tag such as ko or en-US.',
        ko: 'locale에는 ko나 en-US 같은 언어 태그를 써 주세요.',
      },
    })
  return locale
}

/** Only what differs from the record, so that an unchanged form writes nothing. An empty name is removed. */
const changeOf = (
  { name, locale }: User,
  typed: string | undefined,
  chosen: string | undefined,
): UserChange => ({
  ...(typed !== undefined && typed !== (name ?? '') && { name: typed || null }),
  ...(chosen !== undefined && chosen !== locale && { locale: chosen }),
})

export const createChangeProfileAction =
  (deps: {
    clock: Clock
    users: Users
    audit: Audit
    show: ShowAccount
    backToAccount: BackToAccount
  }): AccountAction =>
  async (request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn, fields: Fields) => {
    const { user, session } = signedIn
    const typed = fields.has('name') ? normalName(single(fields, 'name') ?? '') : undefined
    if (typed !== undefined && !isDisplayName(typed))
      return deps.show(request, reply, signedIn, { problem: 'name_invalid', typedName: typed, status: 422 })
    const change = changeOf(user, typed, localeOf(single(fields, 'locale')))
    const members = Object.keys(change)
    if (members.length > 0) {
      if ((await deps.users.change(user.id, change, deps.clock.now())) === 'unknown')
        return reply.header('cache-control', 'no-store').redirect('/login', 303)
      deps.audit({
        type: 'user.changed',
        actor: 'user',
        userId: user.id,
        sessionId: session.id,
        ...auditContext(requestContext(request)),
        // The names of the members only: the audit log holds no personal data.
        reason: members.join(' '),
      })
    }
    return deps.backToAccount(request, reply, 'profile_saved')
  }
