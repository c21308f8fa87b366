// Limits on the life of access tokens, which several rooms use.

/** The longest life of an access token (RFC 9700 §2.2.1). A blacklist entry lives at least as long. */
export const maxAccessTokenTtlSeconds = 3600

/**
 * The clock difference that verifiers may allow. Blacklist entries and retired keys live that much longer.
 */
export const verifierLeewaySeconds = 60
