// Turns a provider's authorization response into a person (RFC 6749 §4.1.2). The provider's file redeems the
// code and verifies the ID token or the profile.
import type { TextEncryption } from '../../encryption/sealing.ts'
import { type Fields, single } from '../../http/form.ts'
import type { ProviderPerson } from '../../sessions/provider-person.ts'
import type { UpstreamAttempt } from '../../sessions/upstream-attempt.ts'
import { Unavailable } from '../../unavailable.ts'
import { withTimeout } from '../../with-timeout.ts'
import { tokenOwner } from './disconnect.ts'
import { type UpstreamPerson, type UpstreamProvider, UpstreamRefusal } from './provider.ts'
import type { ProviderProblem } from './return-to-request.ts'

/** `reason` is for the audit log and contains no text from the provider. */
export interface ProviderTrouble {
  problem: ProviderProblem
  reason: string
}

export type Identification =
  | { outcome: 'identified'; person: ProviderPerson }
  | ({ outcome: 'failed'; unavailable?: Unavailable } & ProviderTrouble)

export type IdentifyPerson = (
  provider: UpstreamProvider,
  attempt: UpstreamAttempt,
  fields: Fields,
) => Promise<Identification>

/** For all calls to the provider during one callback. The user sees an error page within six seconds. */
const identifyTimeoutMs = 5500

/** The user cancelled at the provider (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6). Kakao uses these codes too. */
const cancellations = ['access_denied', 'consent_required', 'interaction_required', 'login_required']
const temporaryErrors = ['temporarily_unavailable', 'server_error']

/** The problem that the response reports, or undefined if its code can be redeemed. */
const troubleInResponse = (provider: UpstreamProvider, fields: Fields): ProviderTrouble | undefined => {
  // Checked first: a wrong issuer is a sign of a mix-up attack (RFC 9207 §2.4).
  const issuers = fields.get('iss')
  if (issuers !== undefined && (issuers.length !== 1 || issuers[0] !== provider.issuer))
    return { problem: 'provider_failed', reason: 'iss of another provider' }
  const error = single(fields, 'error')
  if (error === undefined) return undefined
  if (cancellations.includes(error)) return { problem: 'provider_cancelled', reason: 'cancelled' }
  if (temporaryErrors.includes(error)) return { problem: 'provider_unavailable', reason: 'unavailable' }
  return { problem: 'provider_failed', reason: 'the provider returned an error' }
}

/** @throws {UpstreamRefusal | Unavailable} */
const redeemCode = async (
  provider: UpstreamProvider,
  { nonce, codeVerifier }: UpstreamAttempt,
  fields: Fields,
): Promise<UpstreamPerson> => {
  const [code, state] = [single(fields, 'code'), single(fields, 'state')]
  if (code === undefined || state === undefined || code.length > 2048) throw new UpstreamRefusal('no code')
  const person = await withTimeout(provider.identify({ code, state, nonce, codeVerifier }), identifyTimeoutMs)
  if (person === 'late') throw new Unavailable(`${provider.id} (too slow)`)
  return person
}

export const createIdentifyPerson = ({
  providerTokenEncryption,
}: {
  providerTokenEncryption: TextEncryption
}): IdentifyPerson => {
  const withEncryptedToken = (
    provider: UpstreamProvider,
    { refreshToken, ...person }: UpstreamPerson,
  ): ProviderPerson => {
    if (refreshToken === undefined) return { ...person, provider: provider.id }
    const owner = tokenOwner(provider.id, person.subject)
    const encryptedToken = providerTokenEncryption.encrypt(owner, refreshToken)
    return { ...person, provider: provider.id, encryptedToken }
  }

  return async (provider, attempt, fields) => {
    const trouble = troubleInResponse(provider, fields)
    if (trouble !== undefined) return { outcome: 'failed', ...trouble }
    try {
      const person = withEncryptedToken(provider, await redeemCode(provider, attempt, fields))
      return { outcome: 'identified', person }
    } catch (error) {
      if (error instanceof UpstreamRefusal)
        return { outcome: 'failed', problem: 'provider_failed', reason: error.message }
      if (error instanceof Unavailable)
        return {
          outcome: 'failed',
          problem: 'provider_unavailable',
          reason: 'unavailable',
          unavailable: error,
        }
      throw error
    }
  }
}
