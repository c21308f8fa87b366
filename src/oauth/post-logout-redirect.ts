// Chooses the address to which the browser goes after a logout (OIDC RP-Initiated Logout §3).
import type { Clients } from '../clients/client.ts'
import { type Fields, single } from '../http/form.ts'
import type { IdTokenHint } from '../tokens/id-token-hint.ts'
import { withQuery } from './authorization-response.ts'

/** The requested URI, with `state`, if the client registered exactly this URI. */
export type FindPostLogoutRedirect = (
  fields: Fields,
  hint: IdTokenHint | undefined,
) => Promise<string | undefined>

export const createFindPostLogoutRedirect =
  (clients: Clients): FindPostLogoutRedirect =>
  async (fields, hint) => {
    const uri = single(fields, 'post_logout_redirect_uri') ?? ''
    const clientId = single(fields, 'client_id')
    // client_id must match the client that got the ID token (§2).
    if (hint && clientId !== undefined && clientId !== hint.clientId) return undefined
    const client = await clients.find(hint?.clientId ?? clientId ?? '')
    if (!client?.postLogoutRedirectUris.includes(uri)) return undefined
    const state = single(fields, 'state')
    return state === undefined ? uri : withQuery(uri, { state })
  }

/** The parameters that the logout page repeats. Not id_token_hint: it identifies a user. */
export const repeatedParams = (fields: Fields): Record<string, string> =>
  Object.fromEntries(
    ['post_logout_redirect_uri', 'state', 'client_id', 'ui_locales'].flatMap((name) => {
      const value = single(fields, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
