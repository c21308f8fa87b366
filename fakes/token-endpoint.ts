// The token endpoint of the fake Kakao and the fake Google. The providers differ in client authentication, in
// their error texts and in the members of an answer.
import type { Reply } from './faults.ts'
import type { Grant, Grants, Redemption } from './grants.ts'
import type { ProviderKeys } from './provider-keys.ts'
import type { Call } from './provider-server.ts'

export interface TokenKnobs {
  /** The signing keys rotate after the code was issued and before the ID token is signed. */
  rotateKeysAtToken: boolean
  /** A code can be redeemed more than once. */
  codeReuse: boolean
  /** False: the provider ignores `code_verifier`, like a provider without PKCE. */
  verifierCheck: boolean
}

export interface TokenRules {
  /** The refusal for a wrong client id or secret. */
  authenticate(call: Call): Reply | undefined
  refusals: {
    grantType: Reply
    refreshToken(given: string | null): Reply
    code(outcome: Exclude<Redemption['outcome'], 'redeemed'>, code: string): Reply
  }
  /** `refreshToken` is absent in the answer to a refresh. */
  answer(grant: Grant, accessToken: string, refreshToken?: string): Reply
}

export const createTokenEndpoint =
  (
    { grants, keys, knobs }: { grants: Grants; keys: ProviderKeys; knobs: TokenKnobs },
    { authenticate, refusals, answer }: TokenRules,
  ) =>
  (call: Call): Reply => {
    const { form } = call
    const refused = authenticate(call)
    if (refused) return refused
    if (form.get('grant_type') === 'refresh_token') {
      const given = form.get('refresh_token')
      const refreshed = grants.refresh(given ?? '')
      return refreshed ? answer(refreshed.grant, refreshed.accessToken) : refusals.refreshToken(given)
    }
    if (form.get('grant_type') !== 'authorization_code') return refusals.grantType
    const code = form.get('code') ?? ''
    const verifier = form.get('code_verifier')
    const redirectUri = form.get('redirect_uri') ?? ''
    const redemption = grants.redeem(code, { redirectUri, ...(verifier !== null && { verifier }) }, knobs)
    if (redemption.outcome !== 'redeemed') return refusals.code(redemption.outcome, code)
    if (knobs.rotateKeysAtToken) keys.rotate()
    const { accessToken, refreshToken } = grants.issue(redemption.grant)
    return answer(redemption.grant, accessToken, refreshToken)
  }
