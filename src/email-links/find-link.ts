// Finds the link of a token and its user, without a change. The pages call it before they ask for a click.
import type { Clock } from '../clock.ts'
import { hashToken } from '../secrets.ts'
import type { User, Users } from '../users/user.ts'
import { type EmailLink, type EmailLinks, isUsable, type LinkPurpose } from './email-link.ts'

export interface FoundLink {
  link: EmailLink
  user: User
}

/** Undefined if the link does not work. The caller does not learn why. */
export type FindLink = (purpose: LinkPurpose, token: string | undefined) => Promise<FoundLink | undefined>

export const createFindLink =
  (deps: { clock: Clock; users: Users; emailLinks: EmailLinks }): FindLink =>
  async (purpose, token) => {
    if (token === undefined || !/^[\w-]{43}$/.test(token)) return undefined
    const link = await deps.emailLinks.find(hashToken(token))
    const user = link && (await deps.users.find(link.userId))
    if (link === undefined || user === undefined) return undefined
    return isUsable(link, purpose, user, deps.clock.now()) ? { link, user } : undefined
  }
