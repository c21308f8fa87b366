// Which APIs a token is for (RFC 8707): the ones asked for, else the client's default, else the issuer's.
import type { Client } from '../clients/client.ts'

/** The `aud` of a request, or undefined if it names something the client may not ask for (`invalid_target`). */
export const resolveAudience = (
  client: Client,
  resource: readonly string[],
  defaultAudience: string,
): readonly string[] | undefined => {
  if (resource.length === 0) return [client.defaultAudience ?? defaultAudience]
  const allowed = [...client.audiences, client.defaultAudience ?? defaultAudience, defaultAudience]
  return resource.every((uri) => allowed.includes(uri)) ? [...new Set(resource)] : undefined
}
