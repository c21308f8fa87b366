// The metadata document (RFC 8414, OIDC Discovery §3). The same document is at both well-known addresses.
import { grantTypes, responseModes } from '../clients/client.ts'
import { openidScopes } from '../tokens/scopes.ts'
import { clientAuthMethods } from './client-auth.ts'

export const discoveryDocument = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  userinfo_endpoint: `${issuer}/userinfo`,
  revocation_endpoint: `${issuer}/revoke`,
  /** Dojang's own member: the signed revocation feed, for services that verify tokens offline. */
  revocations_uri: `${issuer}/.well-known/revocations`,
  introspection_endpoint: `${issuer}/introspect`,
  end_session_endpoint: `${issuer}/end-session`,
  response_types_supported: ['code'],
  response_modes_supported: [...responseModes],
  grant_types_supported: [...grantTypes],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: [...clientAuthMethods],
  revocation_endpoint_auth_methods_supported: [...clientAuthMethods],
  introspection_endpoint_auth_methods_supported: clientAuthMethods.filter((method) => method !== 'none'),
  scopes_supported: [...openidScopes],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  claim_types_supported: ['normal'],
  claims_supported: [
    ...['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'amr', 'nonce', 'sid', 'at_hash'],
    ...['name', 'preferred_username', 'locale', 'updated_at', 'email', 'email_verified'],
  ],
  prompt_values_supported: ['none', 'login', 'consent', 'select_account', 'create'],
  ui_locales_supported: ['ko', 'en'],
  authorization_response_iss_parameter_supported: true,
  claims_parameter_supported: false,
  request_parameter_supported: false,
  request_uri_parameter_supported: false,
  service_documentation: `${issuer}/docs`,
})
