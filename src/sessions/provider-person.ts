// The facts that a provider (Kakao, Google, Naver) gives about its user.
// The records Identity and LinkConfirmation extend this shape.

export interface ProviderPerson {
  /** `kakao`, `google` or `naver`. */
  provider: string
  /** The provider's id for the person, as text. Never an e-mail address. */
  subject: string
  email?: string
  /** Whether the provider verified `email`, by the rules F11 and F12 in docs/security.md. */
  emailVerified: boolean
  name?: string
  /** The provider's refresh token, encrypted. Stored only if a disconnect request needs it. */
  encryptedToken?: string
}

/** Copies only the members of ProviderPerson from a record that extends it. */
export const providerPersonOf = ({
  provider,
  subject,
  email,
  emailVerified,
  name,
  encryptedToken,
}: ProviderPerson): ProviderPerson => ({
  provider,
  subject,
  emailVerified,
  ...(email !== undefined && { email }),
  ...(name !== undefined && { name }),
  ...(encryptedToken !== undefined && { encryptedToken }),
})
