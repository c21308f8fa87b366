// Limits on the lifetime of access tokens. Several source folders use them.

/** The longest life of an access token (RFC 9700 §2.2.1). A blacklist entry lives at least as long. */
export const maxAccessTokenTtlSeconds = 3600

/** How long a revoked key stays in the feed: longer than a verifier trusts keys that it cannot confirm. */
export const revokedKeySeconds = 7200

/** Verifiers may allow this clock difference. Blacklist entries and retired keys stay this much longer. */
export const verifierLeewaySeconds = 60
