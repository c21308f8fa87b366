// Limits on the life of access tokens, which several rooms use.

/** The longest life of an access token (RFC 9700 §2.2.1). A blacklist entry must outlive each token that it revokes. */
export const maxAccessTokenTtlSeconds = 3600

/** The clock difference that a verifier may allow. Blacklist entries and retired keys stay this many seconds longer. */
export const verifierLeewaySeconds = 60
