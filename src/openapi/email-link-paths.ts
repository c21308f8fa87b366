// Describes the pages and the API for links in mails. The pages exist only if the installation sends mail.
import {
  answer,
  bearer,
  form,
  get,
  type Json,
  json,
  object,
  page,
  post,
  problem,
  query,
  redirect,
  text,
  unavailable,
} from './parts.ts'

const token = {
  parameters: [query('token', 'The token of the link. The answer moves it into a cookie.')],
}

/** A GET only shows the page. The form of the page uses the link. */
const linkPage = (what: string, fields: Json, refused: Json) => ({
  ...get(
    'Pages',
    `${what}: the page that the link in a mail opens`,
    { 200: page, 303: redirect, 400: page },
    token,
  ),
  ...post('Pages', what, { 303: redirect, 400: page, ...refused }, { requestBody: form(fields) }),
})

export const emailLinkPaths = {
  '/forgot-password': {
    ...get('Pages', 'Ask for a link that sets a new password', { 200: page }),
    ...post(
      'Pages',
      'Send the link. The answer is the same for every address',
      { 303: redirect, 422: page, 429: page },
      { requestBody: form({ email: text, request: text }) },
    ),
  },
  '/reset-password': linkPage('Set a new password', { password: text }, { 422: page }),
  '/account/email': post(
    'Pages',
    'Send a link to a new e-mail address, shortly after a sign-in',
    { 303: redirect, 422: page, 429: page },
    { requestBody: form({ email: text }) },
  ),
  '/account/email/resend': post(
    'Pages',
    'Send another link that confirms the e-mail address',
    { 303: redirect, 429: page },
    { requestBody: form({}) },
  ),
  '/unconfirmed': {
    ...get('Pages', 'With CONFIRM_EMAIL=required: the address must be confirmed first', {
      200: page,
      303: redirect,
    }),
    ...post(
      'Pages',
      'Continue after the confirmation, or send the link again',
      { 303: redirect, 403: page, 429: page },
      { requestBody: form({ doing: text, request: text }) },
    ),
  },
  '/confirm-email': linkPage('Confirm the e-mail address', {}, {}),
  '/change-email': linkPage('Replace the e-mail address', { end_others: text }, {}),
}

const sent = answer(
  'The answer is the same for every address. If there is something to send, a mail is on its way',
)
const malformed = problem('The address is malformed')
const tooMany = problem('Too many mails to this address, or too many requests from this network')
const deadLink = problem('The link is used, expired, replaced or wrong')
const noMail = problem('This installation sends no mail (`mail_not_configured`)')
const linkToken = { ...text, description: 'The parameter `token` of the link in the mail.' }
const userAddress = {
  ...text,
  description: 'The IP address of the user. Only a client that authenticates with its secret may send it.',
}
const security = [{}, { clientSecretBasic: [] }]

const api = (what: string, responses: Json, more: Json) =>
  post('First-party API', what, { ...responses, 404: noMail, 503: unavailable }, more)

export const emailLinkApiPaths = {
  '/api/password/forgot': api(
    'Send a link for a new password',
    { 202: sent, 422: malformed, 429: tooMany },
    { requestBody: json({ email: text, user_address: userAddress }, ['email']), security },
  ),
  '/api/password/reset': api(
    'Set a new password with the token of a link. It ends every session of the user',
    {
      200: answer('Set. `device_token` marks this device as known', object({ device_token: text })),
      400: deadLink,
      422: problem('The password is not allowed'),
    },
    {
      requestBody: json({ token: linkToken, password: text, user_address: userAddress }, [
        'token',
        'password',
      ]),
      security,
    },
  ),
  '/api/email/resend': api(
    'Send another link that confirms the e-mail address',
    { 202: sent, 422: malformed, 429: tooMany },
    { requestBody: json({ email: text, user_address: userAddress }, ['email']), security },
  ),
  '/api/email/confirm': api(
    'Confirm the e-mail address with the token of a link',
    { 204: answer('Confirmed'), 400: deadLink },
    { requestBody: json({ token: linkToken, user_address: userAddress }, ['token']), security },
  ),
  '/api/email/change': api(
    'Send a link to a new e-mail address, within five minutes after a sign-in',
    {
      202: sent,
      401: problem('No valid token'),
      403: problem('The sign-in is too old'),
      422: malformed,
      429: tooMany,
    },
    { requestBody: json({ email: text }, ['email']), security: bearer },
  ),
  '/api/email/change/confirm': api(
    'Replace the e-mail address with the token of a link. It ends the sessions of the user by default',
    { 204: answer('Replaced'), 400: deadLink },
    {
      requestBody: json(
        {
          token: linkToken,
          other_sessions: { ...text, enum: ['end', 'keep'] },
          user_address: userAddress,
        },
        ['token'],
      ),
      security,
    },
  ),
}
