// Describes the pages for links in mails. They exist only if the installation sends mail.
import { form, get, type Json, page, post, query, redirect, text } from './parts.ts'

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
