// The interface of a provider. Each provider has its own file. start.ts and callback.ts serve all providers.
import type { ProviderPerson } from '../../sessions/provider-person.ts'

/** A person as the provider's file returns them. `refreshToken` is not encrypted yet. */
export interface UpstreamPerson extends Omit<ProviderPerson, 'provider' | 'encryptedToken'> {
  /** Set only if the provider needs it for a disconnect request. */
  refreshToken?: string
}

export interface UpstreamProvider {
  id: string
  /** The `iss` of its ID tokens and of its responses (RFC 9207). A configured `origin` does not change it. */
  issuer: string
  /** The origins that the browser visits between our form and the callback. form-action lists all of them. */
  pages: readonly string[]
  /** `reauthenticate`: the provider must not accept its own session without asking the user. */
  authorizationUrl(request: {
    state: string
    nonce: string
    codeVerifier: string
    reauthenticate: boolean
  }): URL
  /**
   * Redeems the code and returns the person.
   * @throws {UpstreamRefusal} if the response does not identify a person
   * @throws {Unavailable} if the provider cannot be reached
   */
  identify(response: {
    code: string
    state: string
    nonce: string
    codeVerifier: string
  }): Promise<UpstreamPerson>
  /**
   * True if the account is still connected at the provider. Absent if only the user's own token can ask this.
   * @throws {Unavailable} if the provider cannot be reached
   */
  isConnected?(subject: string): Promise<boolean>
  /**
   * Ends the connection at the provider. Safe to repeat. 'impossible': a key or token is missing.
   * @throws {Unavailable} if the caller should retry later
   */
  endConnection(identity: { subject: string; refreshToken?: string }): Promise<'ended' | 'impossible'>
}

/** The response does not identify a person. The message never quotes it, because it may contain codes. */
export class UpstreamRefusal extends Error {}
