// Describes the OAuth and OpenID Connect endpoints (src/oauth).
import { grantTypes } from '../clients/client.ts'
import {
  answer,
  bearer,
  form,
  get,
  oauthError,
  page,
  post,
  query,
  redirect,
  ref,
  text,
  unavailable,
} from './parts.ts'

const client = { client_id: text, client_secret: text }
const clientAuth = [{ clientSecretBasic: [] }, {}]

const authorizationParameters = [
  query('response_type', 'Must be code.', true),
  query('client_id', 'The id of the client.', true),
  query('redirect_uri', 'A redirect URI that the client registered, byte for byte.', true),
  query('code_challenge', 'Base64url SHA-256 of the code verifier (RFC 7636). A public client must send it.'),
  query('code_challenge_method', 'Must be S256.'),
  query('scope', 'Separated by spaces. openid adds an ID token, offline_access a refresh token.'),
  query('state', 'Returned unchanged.'),
  query(
    'nonce',
    'Returned in the ID token. With openid, a client with a secret may send it in place of PKCE.',
  ),
  query('prompt', 'none, login, consent, select_account or create.'),
  query('max_age', 'The maximum age of the user’s last authentication, in seconds.'),
  query('login_hint', 'The e-mail address or username to fill in on the sign-in page.'),
  query('id_token_hint', 'An ID token of the expected user.'),
  query('resource', 'The API that the access token is for (RFC 8707). May be repeated.'),
  query('response_mode', 'query or form_post.'),
  query('ui_locales', 'ko or en.'),
]

const endSessionParameters = [
  query('id_token_hint', 'An ID token of the session to end.'),
  query('client_id', 'The id of the client, if there is no id_token_hint.'),
  query('post_logout_redirect_uri', 'A post-logout redirect URI that the client registered, byte for byte.'),
  query('state', 'Returned unchanged.'),
]

export const oauthPaths = {
  '/authorize': {
    ...get(
      'OAuth',
      'Request an authorization code',
      { 200: page, 303: redirect, 400: page },
      { parameters: authorizationParameters },
    ),
    ...post(
      'OAuth',
      'Request an authorization code with a form',
      { 303: redirect, 400: page },
      { requestBody: form({}) },
    ),
  },
  '/token': post(
    'OAuth',
    'Get tokens for a code, a refresh token or the client itself',
    { 200: answer('RFC 6749 §5.1', ref('Tokens')), 400: oauthError, 401: oauthError, 503: unavailable },
    {
      security: clientAuth,
      requestBody: form(
        {
          grant_type: { ...text, enum: [...grantTypes] },
          code: text,
          code_verifier: text,
          redirect_uri: text,
          refresh_token: text,
          scope: text,
          resource: text,
          ...client,
        },
        ['grant_type'],
      ),
    },
  ),
  '/revoke': post(
    'OAuth',
    'Revoke a token (RFC 7009). Revoking a refresh token revokes its whole family',
    {
      200: answer('The token is revoked, or was invalid before.'),
      400: oauthError,
      401: oauthError,
      503: unavailable,
    },
    { security: clientAuth, requestBody: form({ token: text, token_type_hint: text, ...client }, ['token']) },
  ),
  '/introspect': post(
    'OAuth',
    'Check whether a token is valid (RFC 7662)',
    {
      200: answer('active, and the claims of a valid token', ref('Introspection')),
      401: oauthError,
      503: unavailable,
    },
    { security: clientAuth, requestBody: form({ token: text, token_type_hint: text, ...client }, ['token']) },
  ),
  '/userinfo': {
    ...get(
      'OAuth',
      'Claims about the user of the access token',
      { 200: answer('Claims'), 401: oauthError, 403: oauthError },
      { security: bearer },
    ),
    ...post(
      'OAuth',
      'Claims about the user of the access token, by POST',
      { 200: answer('Claims'), 401: oauthError, 403: oauthError },
      { security: bearer },
    ),
  },
  '/end-session': {
    ...get(
      'OAuth',
      'Sign out at the request of a client',
      { 200: page, 303: redirect },
      { parameters: endSessionParameters },
    ),
    ...post('OAuth', 'Sign out at the request of a client, with a form', { 200: page, 303: redirect }),
  },
}
