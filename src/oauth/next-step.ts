// Decides whether an authorization request can be answered, or which page the user must visit first
// (OIDC Core §3.1.2.3, §3.1.2.4).
import type { Client } from '../clients/client.ts'
import { type Consents, covers } from '../clients/consent.ts'
import { redirectUriIdentifiesClient } from '../clients/redirect-uri.ts'
import type { Clock } from '../clock.ts'
import type { AuthorizationRequest, ParkedRequest } from '../sessions/parked-request.ts'
import type { SignedIn } from '../sessions/sign-in.ts'
import { mustConfirmEmail } from '../users/user.ts'

export type NextStep =
  | { outcome: 'answer'; signedIn: SignedIn }
  | { outcome: 'ask'; page: 'login' | 'register' | 'unconfirmed' | 'consent' | 'continue' }

/** @param parked set if the request was parked while the user was on another page */
export type DecideNextStep = (
  asked: AuthorizationRequest,
  client: Client,
  signedIn: SignedIn | undefined,
  parked: ParkedRequest | undefined,
) => Promise<NextStep>

/** A sign-in after `parkedAt` was made for this request, so the request does not ask for another one. */
const mustReauthenticate = (
  { prompt, maxAgeSeconds }: AuthorizationRequest,
  authTime: Date,
  parkedAt: Date | undefined,
  now: Date,
): boolean => {
  if (parkedAt !== undefined && authTime >= parkedAt) return false
  if (prompt.some((value) => value === 'login' || value === 'select_account' || value === 'create'))
    return true
  return maxAgeSeconds !== undefined && now.getTime() - authTime.getTime() > maxAgeSeconds * 1000
}

export const createDecideNextStep =
  ({
    clock,
    consents,
    confirmEmailRequired,
  }: {
    clock: Clock
    consents: Consents
    confirmEmailRequired: boolean
  }): DecideNextStep =>
  async (asked, client, signedIn, parked) => {
    const answer = (by: SignedIn): NextStep => ({ outcome: 'answer', signedIn: by })
    const consent: NextStep = { outcome: 'ask', page: 'consent' }

    if (
      signedIn === undefined ||
      mustReauthenticate(asked, signedIn.session.authTime, parked?.parkedAt, clock.now())
    )
      return { outcome: 'ask', page: asked.prompt.includes('create') ? 'register' : 'login' }
    if (confirmEmailRequired && mustConfirmEmail(signedIn.user))
      return { outcome: 'ask', page: 'unconfirmed' }
    if (parked?.confirmedBySession === signedIn.session.id) return answer(signedIn)
    if (asked.prompt.includes('consent')) return consent
    const identified = redirectUriIdentifiesClient(asked.redirectUri)
    const sawPage = parked?.signedInSession === signedIn.session.id
    // Another app may use this URI, so the user must see for which app the code is. A sign-in shows it too.
    if (client.firstParty)
      return identified || sawPage ? answer(signedIn) : { outcome: 'ask', page: 'continue' }
    // For the same reason an earlier consent does not count.
    if (!identified) return consent
    const earlier = await consents.find(signedIn.user.id, client.id)
    return covers(earlier, asked.scope) ? answer(signedIn) : consent
  }
