// Describes the hosted pages (login, consent, account, playground). They are for users, not for programs.
import { answer, form, get, page, post, query, redirect, text } from './parts.ts'

const provider = { name: 'provider', in: 'path', required: true, schema: text }
const mailId = { name: 'id', in: 'path', required: true, schema: text }

export const pagePaths = {
  '/login': get('Pages', 'Sign in', { 200: page }),
  '/login/password': post(
    'Pages',
    'Sign in with a password',
    { 303: redirect, 401: page, 422: page, 429: page },
    { requestBody: form({ login: text, password: text, request: text }) },
  ),
  '/login/{provider}': post(
    'Pages',
    'Start a sign-in at Kakao, Google or Naver',
    { 303: redirect, 403: page, 404: page },
    { parameters: [provider], requestBody: form({ request: text, purpose: text, confirmation: text }) },
  ),
  '/callback/{provider}': get(
    'Pages',
    'The redirect back from the provider',
    { 303: redirect, 404: page },
    {
      parameters: [
        provider,
        query('state', 'The state that Dojang sent to the provider.'),
        query('code', 'The code that Dojang exchanges for the user’s identity.'),
        query('error', 'Sent instead of a code.'),
        query('iss', 'The provider (RFC 9207).'),
      ],
    },
  ),
  '/login/link': {
    ...get('Pages', 'An account already uses the e-mail address: confirm that it is yours', {
      200: page,
      303: redirect,
    }),
    ...post(
      'Pages',
      'Confirm the account, or choose another option',
      { 303: redirect, 401: page, 409: page, 422: page, 429: page },
      { requestBody: form({ confirmation: text, way: text, password: text }) },
    ),
  },
  '/register': {
    ...get('Pages', 'Create an account', { 200: page }),
    ...post(
      'Pages',
      'Create an account',
      { 303: redirect, 422: page },
      { requestBody: form({ email: text, password: text, name: text, request: text }) },
    ),
  },
  '/brand/logo': get('Pages', 'The logo of the brand, if one is configured', {
    200: answer('SVG or PNG.'),
  }),
  '/password-strength.js': get('Pages', 'The script that estimates a new password', {
    200: answer('JavaScript for the pages.'),
  }),
  '/consent': {
    ...get('Pages', 'The access that a third-party client asks for', { 200: page }),
    ...post(
      'Pages',
      'Allow or deny',
      { 303: redirect },
      { requestBody: form({ request: text, decision: text }) },
    ),
  },
  '/account': get('Pages', 'The user’s own account', { 200: page, 303: redirect }),
  '/account/profile': post(
    'Pages',
    'Change the name and the language',
    { 303: redirect, 400: page, 422: page },
    { requestBody: form({ name: text, locale: text }) },
  ),
  '/account/password': post(
    'Pages',
    'Change the password',
    { 303: redirect, 401: page },
    { requestBody: form({ current: text, password: text, end_others: text }) },
  ),
  '/account/password/set': post(
    'Pages',
    'Set the first password, shortly after a sign-in',
    { 303: redirect, 422: page },
    { requestBody: form({ password: text }) },
  ),
  '/account/identities/unlink': post(
    'Pages',
    'Disconnect a login method',
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
    ...get('Pages', 'Ask before deleting the account', { 200: page, 303: redirect }),
    ...post(
      'Pages',
      'Delete the account, shortly after a sign-in',
      { 200: page, 303: redirect, 422: page },
      { requestBody: form({ sure: { const: 'yes' } }) },
    ),
  },
  '/dev/mail': get('Pages', 'The mails of a local issuer that has no mail server', { 200: page, 404: page }),
  '/dev/mail/{id}': get('Pages', 'One of these mails', { 200: page, 404: page }, { parameters: [mailId] }),
  '/dev/mail/{id}/html': get(
    'Pages',
    'Its HTML, for the frame on the page',
    { 200: page, 404: page },
    { parameters: [mailId] },
  ),
  '/': get('Pages', 'The playground of the embedded mode, otherwise a redirect to the account', {
    200: page,
    303: redirect,
  }),
}
