// A client as an admin sees it: never its secret, and never the hash of the secret.
import { type Client, isPublic } from '../clients/client.ts'

export const clientView = (client: Client) => ({
  client_id: client.id,
  name: client.name,
  public: isPublic(client),
  first_party: client.firstParty,
  redirect_uris: client.redirectUris,
  post_logout_redirect_uris: client.postLogoutRedirectUris,
  origins: client.origins,
  grant_types: client.grants,
  response_modes: client.responseModes,
  scope: client.scopes.join(' '),
  audiences: client.audiences,
  default_audience: client.defaultAudience ?? null,
  introspects: client.introspects,
  pkce_required: client.pkceRequired,
  refresh: client.refreshPolicy.kind,
  refresh_grace: client.refreshPolicy.kind === 'rotate' ? (client.refreshPolicy.graceSeconds ?? null) : null,
  sessions: client.oneSession ? 'one' : 'many',
  previous_secret_expires_at: client.previousSecretExpiresAt?.toISOString() ?? null,
  created_at: client.createdAt.toISOString(),
})

export type ClientView = ReturnType<typeof clientView>
