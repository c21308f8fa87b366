// The OpenAPI description of every public route: written by hand, held true by test/flows/openapi.test.ts. Hosted pages
// are listed too; what they show is for people.
import { grantTypes } from '../clients/client.ts'

type Json = Readonly<Record<string, unknown>>

const text = { type: 'string' }
const form = (properties: Json, required: readonly string[] = []) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', properties, required } } },
})
const json = (properties: Json, required: readonly string[] = []) => ({
  required: true,
  content: { 'application/json': { schema: { type: 'object', properties, required } } },
})
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const answer = (description: string, schema?: Json) => ({
  description,
  ...(schema && { content: { 'application/json': { schema } } }),
})
const page = answer('A page in Korean or English.')
const redirect = answer('On to the next page, or back to the client.')
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
})
const oauthError = answer('RFC 6749 §5.2', ref('OAuthError'))
const unavailable = answer('A store is down. Nothing is lost; try again after Retry-After.')
const query = (name: string, description: string, required = false) => ({
  ...{ name, in: 'query', description, required, schema: text },
})
const provider = { name: 'provider', in: 'path', required: true, schema: text }
const client = { client_id: text, client_secret: text }
const clientAuth = [{ clientSecretBasic: [] }, {}]
const bearer = [{ bearer: [] }]

const authorizationParameters = [
  query('response_type', 'code', true),
  query('client_id', 'The registered client.', true),
  query('redirect_uri', 'One that the client registered, byte for byte.', true),
  query('code_challenge', 'Base64url SHA-256 of the code verifier (RFC 7636).'),
  query('code_challenge_method', 'S256'),
  query('scope', 'Space-separated; openid for an ID token, offline_access for a refresh token.'),
  query('state', 'Comes back as it was sent.'),
  query('nonce', 'Comes back in the ID token.'),
  query('prompt', 'none, login, consent, select_account or create.'),
  query('max_age', 'Seconds since the person last proved who they are.'),
  query('login_hint', 'Fills in the name on the sign-in page.'),
  query('id_token_hint', 'An ID token of the person who is expected.'),
  query('resource', 'The API that the access token is for (RFC 8707); may be repeated.'),
  query('response_mode', 'query or form_post.'),
  query('ui_locales', 'ko or en.'),
]

const endSessionParameters = [
  query('id_token_hint', 'An ID token of the session to end.'),
  query('client_id', 'The client, if there is no hint.'),
  query('post_logout_redirect_uri', 'One that the client registered, byte for byte.'),
  query('state', 'Comes back as it was sent.'),
]

const get = (tag: string, summary: string, responses: Json, more: Json = {}) => ({
  get: { tags: [tag], summary, responses, ...more },
})
const post = (tag: string, summary: string, responses: Json, more: Json = {}) => ({
  post: { tags: [tag], summary, responses, ...more },
})

const discovery = {
  '/.well-known/openid-configuration': get('Discovery', 'Metadata (OIDC Discovery)', {
    200: answer('Metadata'),
  }),
  '/.well-known/oauth-authorization-server': get('Discovery', 'Metadata (RFC 8414)', {
    200: answer('The same document'),
  }),
  '/.well-known/jwks.json': get(
    'Discovery',
    'Public keys (RFC 7517)',
    {
      200: answer('Every key that signs, will sign, or has signed a living token.', ref('Jwks')),
      304: answer('Unchanged since the ETag that was sent.'),
    },
    {
      parameters: [
        {
          ...{
            name: 'Dojang-Verifier',
            in: 'header',
            schema: { type: 'string', pattern: '^[\\w.-]{1,64}$' },
          },
          description: 'What the service is called, so that the activation of a key can wait for it.',
        },
      ],
    },
  ),
  '/.well-known/revocations': get(
    'Discovery',
    'What is revoked: a signed feed for services that check tokens offline',
    {
      200: {
        description: 'A JWT with typ revocations+jwt: everything, or what changed since the cursor.',
        content: { 'application/revocations+jwt': { schema: text } },
      },
      304: answer('Nothing new since the ETag that was sent.'),
      503: unavailable,
    },
    { parameters: [query('since', 'The cursor of the document that was read last.')] },
  ),
}

const oauth = {
  '/authorize': {
    ...get(
      'OAuth',
      'Ask for a code',
      { 200: page, 303: redirect, 400: page },
      { parameters: authorizationParameters },
    ),
    ...post('OAuth', 'The same by form', { 303: redirect, 400: page }, { requestBody: form({}) }),
  },
  '/token': post(
    'OAuth',
    'Tokens for a code, a refresh token, or the client itself',
    { 200: answer('RFC 6749 §5.1', ref('Tokens')), 400: oauthError, 401: oauthError, 503: unavailable },
    {
      security: clientAuth,
      requestBody: form(
        {
          grant_type: { ...text, enum: [...grantTypes] },
          ...{
            code: text,
            code_verifier: text,
            redirect_uri: text,
            refresh_token: text,
            scope: text,
            resource: text,
          },
          ...client,
        },
        ['grant_type'],
      ),
    },
  ),
  '/revoke': post(
    'OAuth',
    'End a token (RFC 7009): a refresh token with all that came from it',
    { 200: answer('Dead, or it was before.'), 400: oauthError, 401: oauthError, 503: unavailable },
    { security: clientAuth, requestBody: form({ token: text, token_type_hint: text, ...client }, ['token']) },
  ),
  '/introspect': post(
    'OAuth',
    'Is a token alive? (RFC 7662)',
    {
      200: answer('active, and what the token says', ref('Introspection')),
      401: oauthError,
      503: unavailable,
    },
    { security: clientAuth, requestBody: form({ token: text, token_type_hint: text, ...client }, ['token']) },
  ),
  '/userinfo': {
    ...get(
      'OAuth',
      'Who the token speaks for',
      { 200: answer('Claims'), 401: oauthError, 403: oauthError },
      { security: bearer },
    ),
    ...post(
      'OAuth',
      'The same',
      { 200: answer('Claims'), 401: oauthError, 403: oauthError },
      { security: bearer },
    ),
  },
  '/end-session': {
    ...get(
      'OAuth',
      'Sign out, started by a client',
      { 200: page, 303: redirect },
      { parameters: endSessionParameters },
    ),
    ...post('OAuth', 'The same by form', { 200: page, 303: redirect }),
  },
}

const api = {
  '/api/users': post(
    'First-party API',
    'Make an account',
    {
      201: answer('Made', { type: 'object', properties: { user: ref('User') } }),
      409: problem('Taken'),
      422: problem('Refused'),
      429: problem('Too many'),
    },
    { requestBody: json({ email: text, password: text, username: text, name: text }, ['email', 'password']) },
  ),
  '/api/token': post(
    'First-party API',
    'Sign in by password (JSON, or the same as a form)',
    {
      200: answer('Signed in', ref('ApiTokens')),
      401: problem('Wrong name or password'),
      403: problem('Not one of our apps'),
      429: problem('Too many attempts'),
      503: unavailable,
    },
    {
      requestBody: json(
        { username: text, email: text, password: text, delivery: { ...text, enum: ['body', 'cookie'] } },
        ['password'],
      ),
    },
  ),
  '/api/token/refresh': post(
    'First-party API',
    'The next access and refresh token',
    {
      200: answer('Refreshed', ref('ApiTokens')),
      401: problem('Invalid, expired, revoked or used'),
      503: unavailable,
    },
    { requestBody: { ...json({ refresh: text }), required: false } },
  ),
  '/api/logout': post(
    'First-party API',
    'End the session',
    { 204: answer('Ended'), 401: problem('No valid token') },
    { security: bearer },
  ),
  '/api/users/me': get(
    'First-party API',
    'The signed-in person',
    { 200: answer('The person', ref('User')), 401: problem('No valid token') },
    { security: bearer },
  ),
}

const hosted = {
  '/login': get('Pages', 'Sign in', { 200: page }),
  '/login/password': post(
    'Pages',
    'Sign in by password',
    { 303: redirect, 401: page, 429: page },
    { requestBody: form({ login: text, password: text, request: text }) },
  ),
  '/login/{provider}': post(
    'Pages',
    'On to Kakao, Google or Naver',
    { 303: redirect, 403: page, 404: page },
    { parameters: [provider], requestBody: form({ request: text, purpose: text, offer: text }) },
  ),
  '/callback/{provider}': get(
    'Pages',
    'Back from there',
    { 303: redirect, 404: page },
    {
      parameters: [
        provider,
        query('state', 'As it was sent there.'),
        query('code', 'Traded for who it is.'),
        query('error', 'In its place.'),
        query('iss', 'The provider (RFC 9207).'),
      ],
    },
  ),
  '/login/link': {
    ...get('Pages', 'An account has that address already: prove that it is yours', {
      200: page,
      303: redirect,
    }),
    ...post(
      'Pages',
      'Prove it, or take another way',
      { 303: redirect, 401: page, 409: page, 429: page },
      { requestBody: form({ offer: text, way: text, password: text }) },
    ),
  },
  '/register': {
    ...get('Pages', 'Make an account', { 200: page }),
    ...post(
      'Pages',
      'Make an account',
      { 303: redirect, 422: page },
      { requestBody: form({ email: text, password: text, name: text, request: text }) },
    ),
  },
  '/consent': {
    ...get('Pages', 'What a third-party client asks for', { 200: page }),
    ...post(
      'Pages',
      'Allow or deny',
      { 303: redirect },
      { requestBody: form({ request: text, decision: text }) },
    ),
  },
  '/account': get('Pages', 'One’s own account', { 200: page, 303: redirect }),
  '/account/password': post(
    'Pages',
    'Change the password',
    { 303: redirect, 401: page },
    { requestBody: form({ current: text, password: text, end_others: text }) },
  ),
  '/account/identities/unlink': post(
    'Pages',
    'Disconnect a way to sign in',
    { 303: redirect, 409: page },
    { requestBody: form({ provider: text, subject: text }) },
  ),
  '/account/sessions/end': post(
    'Pages',
    'End one session',
    { 303: redirect },
    { requestBody: form({ session: text }) },
  ),
  '/account/sessions/end-others': post(
    'Pages',
    'End all other sessions',
    { 303: redirect },
    { requestBody: form({}) },
  ),
  '/account/grants/withdraw': post(
    'Pages',
    'Disconnect an app',
    { 303: redirect },
    { requestBody: form({ client: text }) },
  ),
  '/account/delete': {
    ...get('Pages', 'Ask before deleting one’s own account', { 200: page, 303: redirect }),
    ...post(
      'Pages',
      'Delete one’s own account, if it was proven within minutes whose it is',
      { 200: page, 303: redirect, 422: page },
      { requestBody: form({ sure: { const: 'yes' } }) },
    ),
  },
  '/': get('Pages', 'The playground of the embedded mode; elsewhere on to the account', {
    200: page,
    303: redirect,
  }),
}

const told = {
  202: answer('Taken. Acted on a moment later.'),
  400: answer('Not a token that we take (RFC 8935 §2.4).', ref('EventRefusal')),
  503: unavailable,
}
const event = {
  requestBody: { required: true, content: { 'application/secevent+jwt': { schema: text } } },
}
const unlinkFields = { app_id: text, user_id: text, referrer_type: text }
const notKakao = { 400: problem('Nobody is named'), 401: problem('Not a call of Kakao’s') }
const unlinkAuth = [{ kakaoAdminKey: [] }]

/** Each is there only where its provider is configured. */
const webhooks = {
  '/webhooks/kakao/events': post('Webhooks', 'Kakao: the state of an account (RFC 8417)', told, event),
  '/webhooks/kakao/unlink': {
    ...get(
      'Webhooks',
      'Kakao: somebody disconnected the app',
      { 200: answer('Taken'), ...notKakao },
      {
        security: unlinkAuth,
        parameters: Object.keys(unlinkFields).map((name) =>
          query(name, 'As Kakao sends it.', name !== 'referrer_type'),
        ),
      },
    ),
    ...post(
      'Webhooks',
      'The same by form',
      { 200: answer('Taken'), ...notKakao },
      { security: unlinkAuth, requestBody: form(unlinkFields, ['app_id', 'user_id']) },
    ),
  },
  '/webhooks/google/risc': post('Webhooks', 'Google: Cross-Account Protection (RFC 8417)', told, event),
}

const operation = {
  '/healthz': get('Operation', 'Does the process live?', { 200: answer('Yes') }),
  '/readyz': get('Operation', 'Can it serve?', { 200: answer('Yes'), 503: unavailable }),
  '/metrics': get('Operation', 'Prometheus; for this machine, or with METRICS_TOKEN', {
    200: answer('Metrics'),
    404: problem('Not for you'),
  }),
  '/docs': get('Operation', 'This description, to read', { 200: page }),
  '/docs/openapi.json': get('Operation', 'This description', { 200: answer('OpenAPI 3.1') }),
}

const object = (properties: Json, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
})

const schemas = {
  Tokens: object(
    {
      access_token: text,
      token_type: { const: 'Bearer' },
      expires_in: { type: 'integer' },
      scope: text,
      refresh_token: text,
      id_token: text,
    },
    ['access_token', 'token_type', 'expires_in', 'scope'],
  ),
  ApiTokens: object(
    {
      access: text,
      refresh: text,
      token_type: { const: 'Bearer' },
      expires_in: { type: 'integer' },
      user: ref('User'),
    },
    ['access', 'token_type', 'expires_in'],
  ),
  User: object({
    ...{
      id: text,
      email: { type: ['string', 'null'] },
      email_verified: { type: 'boolean' },
      username: { type: ['string', 'null'] },
    },
    ...{
      name: { type: ['string', 'null'] },
      roles: { type: 'array', items: text },
      scopes: { type: 'array', items: text },
    },
    ...{ onboarded: { type: 'boolean' }, created_at: { type: 'string', format: 'date-time' } },
  }),
  Introspection: object({ active: { type: 'boolean' } }),
  EventRefusal: object({ err: text, description: text }),
  OAuthError: object({ error: text, error_description: text }, ['error']),
  Problem: object({ type: text, title: text, status: { type: 'integer' }, code: text, detail: text }),
  Jwks: object({
    keys: { type: 'array', items: object({ kty: text, n: text, e: text, kid: text, use: text, alg: text }) },
  }),
}

export const openapiDocument = (issuer: string, version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Dojang',
    version,
    description: 'A standalone OAuth 2.0 / OpenID Connect token issuer.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: issuer }],
  paths: { ...discovery, ...oauth, ...api, ...hosted, ...webhooks, ...operation },
  components: {
    schemas,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      clientSecretBasic: {
        type: 'http',
        scheme: 'basic',
        description: 'client_secret_basic; client_secret_post and none work too.',
      },
      kakaoAdminKey: {
        ...{ type: 'apiKey', in: 'header', name: 'Authorization' },
        description: 'KakaoAK and the admin key of the app.',
      },
    },
  },
})

export type OpenapiDocument = ReturnType<typeof openapiDocument>
