// Types for ids that are easy to mix up: the compiler rejects one kind where it expects another kind.
// A plain string is accepted everywhere, because ids arrive as text from requests and databases.

/** The `sub` claim of a user's tokens. Starts with `usr_`. */
export type UserId = string & { readonly kind?: 'user' }

/** The `client_id` of a registered client. */
export type ClientId = string & { readonly kind?: 'client' }

/** The id of a user's session at the issuer. It is in no token. */
export type SessionId = string & { readonly kind?: 'session' }

/** The id of a refresh-token family, which is the `sid` claim of its tokens. */
export type FamilyId = string & { readonly kind?: 'family' }

/** The `kid` of a signing key: its RFC 7638 thumbprint. */
export type Kid = string & { readonly kind?: 'kid' }
