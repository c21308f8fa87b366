// The ids that are easy to mix up. Each is a string of its own kind: the compiler rejects one where another is expected.
// A plain string is accepted, because an id from a request or a database becomes trusted only when a record is found.

/** The `sub` of a person's tokens. Begins with `usr_`. */
export type UserId = string & { readonly kind?: 'user' }

/** The `client_id` of a registered client. */
export type ClientId = string & { readonly kind?: 'client' }

/** The id of a person's session at the issuer. It is never in a token. */
export type SessionId = string & { readonly kind?: 'session' }

/** The id of a refresh-token family, which is the `sid` claim of its tokens. */
export type FamilyId = string & { readonly kind?: 'family' }

/** The `kid` of a signing key: its RFC 7638 thumbprint. */
export type Kid = string & { readonly kind?: 'kid' }
