// The audience of a token (RFC 8707): the requested APIs, or else the default of the client or of the issuer.
import type { Client } from '../clients/client.ts'

/** The `aud` claim, or undefined if the client may not request one of the resources (`invalid_target`). */
export const resolveAudience = (
  client: Client,
  resource: readonly string[],
  defaultAudience: string,
): readonly string[] | undefined => {
  if (resource.length === 0) return [client.defaultAudience ?? defaultAudience]
  const allowed = [...client.audiences, client.defaultAudience ?? defaultAudience, defaultAudience]
  return resource.every((uri) => allowed.includes(uri)) ? [...new Set(resource)] : undefined
}
