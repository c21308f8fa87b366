// Describes the routes that providers call (src/webhooks). Only configured providers have routes.
import { answer, form, get, post, problem, query, ref, text, unavailable } from './parts.ts'

const eventAnswers = {
  202: answer('Accepted. The event takes effect a moment later.'),
  400: answer('Not a valid security event token (RFC 8935 §2.4).', ref('EventRefusal')),
  503: unavailable,
}
const event = {
  requestBody: { required: true, content: { 'application/secevent+jwt': { schema: text } } },
}
const unlinkFields = { app_id: text, user_id: text, referrer_type: text }
const unlinkAnswers = {
  200: answer('Accepted'),
  400: problem('No user is named'),
  401: problem('The admin key or the app id is wrong'),
}
const unlinkAuth = [{ kakaoAdminKey: [] }]

export const webhookPaths = {
  '/webhooks/kakao/events': post('Webhooks', 'Kakao: an account changed (RFC 8417)', eventAnswers, event),
  '/webhooks/kakao/unlink': {
    ...get('Webhooks', 'Kakao: a user disconnected the app', unlinkAnswers, {
      security: unlinkAuth,
      parameters: Object.keys(unlinkFields).map((name) =>
        query(name, 'Sent by Kakao.', name !== 'referrer_type'),
      ),
    }),
    ...post('Webhooks', 'A user disconnected the app at Kakao, sent as a form', unlinkAnswers, {
      security: unlinkAuth,
      requestBody: form(unlinkFields, ['app_id', 'user_id']),
    }),
  },
  '/webhooks/google/risc': post(
    'Webhooks',
    'Google: Cross-Account Protection (RFC 8417)',
    eventAnswers,
    event,
  ),
}
