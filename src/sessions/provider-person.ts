// A person as a provider describes them. Identities and link confirmations extend this shape.

export interface ProviderPerson {
  /** 'kakao', 'google', 'naver' */
  provider: string
  /** The provider's id for the person, always as text. Never an e-mail address. */
  subject: string
  email?: string
  /** By the provider's own rules (F11 and F12 in docs/security.md). */
  emailVerified: boolean
  name?: string
  /** The provider's refresh token, encrypted. Stored only if a disconnect needs it. */
  encryptedToken?: string
}

/** The members of a ProviderPerson, without those of a record that extends it. */
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
