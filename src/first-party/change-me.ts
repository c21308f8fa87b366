// PATCH /api/users/me: an app of the team changes the name, the language or the onboarding of its user.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { jsonObject } from '../http/json.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { Localized } from '../pages/language.ts'
import { createChangeOwnProfile, type OwnProfile } from '../users/own-profile.ts'
import { canonicalLocale, isDisplayName, normalName, type Users } from '../users/user.ts'
import { type AuthenticateCaller, type Caller, tokenRequired } from './caller.ts'
import type { Members } from './members.ts'
import { allowedMembers, userJson } from './user-json.ts'

const refuse = (status: number, code: string, detail: Localized) => new ProblemError({ status, code, detail })

/** Gives the stored form of each member, or throws. `null` removes a name or a language. */
const readers: { [Name in keyof OwnProfile]-?: (value: unknown) => NonNullable<OwnProfile[Name]> | null } = {
  name: (value) => {
    if (value === null) return null
    const name = typeof value === 'string' ? normalName(value) : ''
    if (isDisplayName(name)) return name
    throw refuse(422, 'name_invalid', {
      en: 'A name must be a text of 1 to 100 visible characters, or null.',
      ko: '이름은 눈에 보이는 1자 이상 100자 이하의 글자이거나 null이어야 해요.',
    })
  },
  locale: (value) => {
    if (value === null) return null
    const locale = typeof value === 'string' ? canonicalLocale(value) : undefined
    if (locale !== undefined) return locale
    throw refuse(422, 'locale_invalid', {
      en: 'locale must be a language tag such as ko or en-US, or null.',
      ko: 'locale은 ko, en-US 같은 언어 태그이거나 null이어야 해요.',
    })
  },
  onboarded: (value) => {
    if (typeof value === 'boolean') return value
    throw refuse(422, 'onboarded_invalid', {
      en: 'onboarded must be true or false.',
      ko: 'onboarded는 true나 false여야 해요.',
    })
  },
}

const isChangeable = (name: string): name is keyof typeof readers => Object.hasOwn(readers, name)

/** @throws {ProblemError} 400 for any other member, because an app would believe that it was stored */
const readProfile = (body: Members): OwnProfile => {
  const entries = Object.entries(body).map(([name, value]) => {
    if (isChangeable(name)) return [name, readers[name](value)]
    throw refuse(400, 'invalid_request', {
      en: 'Only name, locale and onboarded can be changed here.',
      ko: '여기서는 name, locale, onboarded만 바꿀 수 있어요.',
    })
  })
  return Object.fromEntries(entries)
}

/** These members belong to the scope `profile` (OIDC Core §5.4). */
const requireProfile = ({ claims }: Caller, reply: FastifyReply): void => {
  if (claims.scopes.includes('profile')) return
  reply.header('www-authenticate', 'Bearer realm="dojang", error="insufficient_scope", scope="profile"')
  throw refuse(403, 'insufficient_scope', {
    en: 'The access token needs the scope profile.',
    ko: '액세스 토큰에 profile 스코프가 필요해요.',
  })
}

export const createChangeMeEndpoint = (deps: {
  authenticate: AuthenticateCaller
  users: Users
  clock: Clock
  audit: Audit
}) => {
  const changeOwnProfile = createChangeOwnProfile(deps)
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = await deps.authenticate(request, reply)
    requireProfile(caller, reply)
    const { user, client, claims } = caller
    const profile = readProfile(jsonObject(request.body))
    const origin = { clientId: client.id, familyId: claims.sid, ...auditContext(requestContext(request)) }
    const stored = (await changeOwnProfile(user, profile, origin)) === 'stored'
    const changed = stored ? await deps.users.find(user.id) : undefined
    if (changed === undefined)
      throw tokenRequired(reply, { outcome: 'refused', error: 'invalid_token', reason: 'user deleted' })
    return reply.header('cache-control', 'no-store').send(allowedMembers(userJson(changed), claims.scopes))
  }
}
