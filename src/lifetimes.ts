// Limits on the life of tokens that several rooms depend on.

/** The longest life of an access token (RFC 9700 §2.2.1). A blacklist entry must outlive every token it revokes. */
export const maxAccessTokenTtlSeconds = 3600

/** The clock difference that a verifier may allow. Blacklist entries and retired keys stay this much longer. */
export const verifierLeewaySeconds = 60
