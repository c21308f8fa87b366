// POST /account/profile: the user changes the own name and language. Apps read both in the next ID token and
// at /userinfo.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type Fields, single } from '../http/form.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { SignedIn } from '../sessions/sign-in.ts'
import { createChangeOwnProfile } from '../users/own-profile.ts'
import { canonicalLocale, isDisplayName, normalName, type Users } from '../users/user.ts'
import { type AccountAction, askForSignIn, type BackToAccount } from './action.ts'
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

export const createChangeProfileAction = (deps: {
  clock: Clock
  users: Users
  audit: Audit
  show: ShowAccount
  backToAccount: BackToAccount
}): AccountAction => {
  const changeOwnProfile = createChangeOwnProfile(deps)
  return async (request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn, fields: Fields) => {
    const { user, session } = signedIn
    // An empty field removes the name. A repeated one is no answer and changes nothing.
    const names = fields.get('name')
    const name = names?.length === 1 ? normalName(names[0] ?? '') : undefined
    if (name && !isDisplayName(name))
      return deps.show(request, reply, signedIn, { problem: 'name_invalid', typedName: name, status: 422 })
    const locale = localeOf(single(fields, 'locale'))
    const profile = { ...(name !== undefined && { name: name || null }), ...(locale && { locale }) }
    const origin = { sessionId: session.id, ...auditContext(requestContext(request)) }
    if ((await changeOwnProfile(user, profile, origin)) === 'unknown') return askForSignIn(request, reply)
    return deps.backToAccount(request, reply, 'profile_saved')
  }
}
