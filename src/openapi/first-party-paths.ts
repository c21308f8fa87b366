// Describes the JSON API for first-party apps (src/first-party).
import {
  answer,
  bearer,
  get,
  json,
  jsonOrForm,
  nullableText,
  patch,
  post,
  problem,
  ref,
  text,
  unavailable,
} from './parts.ts'

/** A backend may authenticate, and name the address of its user (docs/throttling.md). */
const backend = [{}, { clientSecretBasic: [] }]
const address = {
  ...text,
  description: 'The IP address of the user. Only a client that authenticates with its secret may send it.',
}

const refreshToken = { refresh: text, refresh_token: { ...text, description: 'The same.' } }

const missingMember = problem('A member is missing. The answer has a member of the same name.')

export const firstPartyPaths = {
  '/api/users': post(
    'First-party API',
    'Create an account. With a mail server, an address in use gets the same answer',
    {
      201: answer('Created', { type: 'object', properties: { user: ref('User') } }),
      401: problem('Wrong credentials of the backend'),
      409: problem('The username is taken, or the e-mail address if there is no mail server'),
      422: problem('A value is not allowed'),
      429: problem('Too many registrations from this network'),
    },
    {
      requestBody: json({ email: text, password: text, username: text, name: text, user_address: address }, [
        'email',
        'password',
      ]),
      security: backend,
    },
  ),
  '/api/token': post(
    'First-party API',
    'Sign in with a password (as JSON or as a form)',
    {
      200: answer('Signed in. A form also gets the names of OAuth', ref('ApiTokens')),
      400: missingMember,
      401: problem('Wrong e-mail address, username or password, or wrong credentials of the backend'),
      403: problem('The browser origin belongs to no first-party app, or the address is not confirmed'),
      429: problem('Too many attempts'),
      503: unavailable,
    },
    {
      requestBody: jsonOrForm(
        {
          username: text,
          email: text,
          password: text,
          delivery: { ...text, enum: ['body', 'cookie'] },
          device_token: {
            ...text,
            description: 'The device_token of the last sign-in of this user on this device.',
          },
          user_address: address,
        },
        ['password'],
      ),
      security: backend,
    },
  ),
  '/api/token/refresh': post(
    'First-party API',
    'Get the next access token and refresh token',
    {
      200: answer('Refreshed. A form also gets the names of OAuth', ref('ApiTokens')),
      400: missingMember,
      401: problem('token_not_valid: the refresh token is invalid, expired, revoked or used'),
      503: unavailable,
    },
    { requestBody: jsonOrForm(refreshToken) },
  ),
  '/api/token/verify': post(
    'First-party API',
    'Check whether an access token works at /api',
    {
      200: answer('It works', { type: 'object' }),
      400: missingMember,
      401: problem('token_not_valid: it does not work'),
      503: unavailable,
    },
    { requestBody: jsonOrForm({ token: text }, ['token']) },
  ),
  '/api/token/blacklist': post(
    'First-party API',
    'End the session of a refresh token',
    {
      200: answer('Ended', { type: 'object' }),
      400: missingMember,
      401: problem('token_not_valid: the refresh token is invalid or expired'),
      503: unavailable,
    },
    { requestBody: jsonOrForm(refreshToken) },
  ),
  '/api/logout': post(
    'First-party API',
    'End the session of the access token, and that of the refresh token',
    {
      204: answer('Ended'),
      401: problem('Neither token is valid'),
      403: problem('The token of a third-party client'),
      503: unavailable,
    },
    {
      security: [...bearer, {}],
      requestBody: jsonOrForm({
        refresh: { ...text, description: 'Needed if there is no valid access token and no refresh cookie.' },
        refresh_token: { ...text, description: 'The same.' },
      }),
    },
  ),
  '/api/users/me': {
    ...get(
      'First-party API',
      'The signed-in user',
      { 200: answer('The user', ref('User')), 401: problem('No valid token') },
      { security: bearer },
    ),
    ...patch(
      'First-party API',
      'Change the name, the language or the onboarding of the signed-in user',
      {
        200: answer('The user after the change', ref('User')),
        400: problem('The body is not an object, or it has another member'),
        401: problem('No valid token'),
        403: problem('The token of a third-party client, or a token without the scope profile'),
        422: problem('A value is not allowed'),
        503: unavailable,
      },
      {
        security: bearer,
        requestBody: json({
          name: { ...nullableText, description: 'null removes it.' },
          locale: { ...nullableText, description: 'A language tag such as ko or en-US. null removes it.' },
          onboarded: { type: 'boolean' },
        }),
      },
    ),
  },
}
