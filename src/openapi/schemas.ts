// The shapes of JSON answers.
import { nullableText, object, ref, text } from './parts.ts'

export const schemas = {
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
      access_token: { ...text, description: 'The same as access. Only a form gets it.' },
      refresh_token: { ...text, description: 'The same as refresh. Only a form gets it.' },
      scope: { ...text, description: 'Only a form gets it.' },
      token_type: { const: 'Bearer' },
      expires_in: { type: 'integer' },
      device_token: {
        ...text,
        description:
          'Marks the device. Send it at the next sign-in of this user. Only /api/token returns it.',
      },
      user: ref('User'),
    },
    ['access', 'token_type', 'expires_in'],
  ),
  User: object(
    {
      id: text,
      email: nullableText,
      email_verified: { type: 'boolean' },
      username: nullableText,
      name: nullableText,
      locale: nullableText,
      roles: { type: 'array', items: text },
      scopes: { type: 'array', items: text },
      onboarded: { type: 'boolean' },
      created_at: { type: 'string', format: 'date-time' },
    },
    // The others need the scope `email` or `profile` (/api/users/me).
    ['id', 'roles', 'scopes', 'onboarded', 'created_at'],
  ),
  Introspection: object({ active: { type: 'boolean' } }),
  EventRefusal: object({ err: text, description: text }),
  OAuthError: object({ error: text, error_description: text }, ['error']),
  Problem: object({
    type: text,
    title: { ...text, description: 'In Korean or English, as Accept-Language asks.' },
    status: { type: 'integer' },
    code: { ...text, description: 'For programs. It is the same in every language.' },
    detail: { ...text, description: 'In the language of the title.' },
  }),
  Jwks: object({
    keys: { type: 'array', items: object({ kty: text, n: text, e: text, kid: text, use: text, alg: text }) },
  }),
}
