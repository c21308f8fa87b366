// What the flow needs of a provider, and how a provider says no. One file per provider holds its quirks; the flow
// (start.ts, callback.ts) is written once.
import type { ProviderPerson } from '../../sessions/provider-person.ts'

/** The person as one provider's file reads them. `refreshToken` is not encrypted yet. */
export interface UpstreamPerson extends Omit<ProviderPerson, 'provider' | 'encryptedToken'> {
  /** Only if a disconnect needs it. */
  refreshToken?: string
}

export interface UpstreamProvider {
  id: string
  /** As in its ID tokens, and in `iss` beside the code (RFC 9207). Stays the real one, wherever we connect to. */
  issuer: string
  /** The origins of its pages between our form and our callback: Chrome applies form-action to each of them. */
  pages: readonly string[]
  /** `again`: the person is to prove who they are once more, not to be waved through. */
  authorizationUrl(request: { state: string; nonce: string; codeVerifier: string; again: boolean }): URL
  /**
   * @throws {UpstreamRefusal} if the provider does not vouch for anybody
   * @throws {Unavailable} if it cannot be asked
   */
  identify(answer: {
    code: string
    state: string
    nonce: string
    codeVerifier: string
  }): Promise<UpstreamPerson>
  /**
   * Ends the connection there; safe to repeat. 'impossible': what is needed for it is not here.
   * @throws {Unavailable} if it should be tried again
   */
  /**
   * Does the provider still know the connection? Absent where it cannot be asked without the person.
   * @throws {Unavailable} if it cannot be asked now
   */
  isConnected?(subject: string): Promise<boolean>
  endConnection(identity: { subject: string; refreshToken?: string }): Promise<'ended' | 'impossible'>
}

/** The provider's answer signs nobody in. The reason is ours, for the log: upstream bodies may hold codes (F17). */
export class UpstreamRefusal extends Error {}
