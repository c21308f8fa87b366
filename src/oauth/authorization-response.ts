// Sends an authorization response by redirect, or by a form that submits itself. Adds `iss` (RFC 9207).
import type { FastifyReply, FastifyRequest } from 'fastify'
import { pageFrame, sendPage } from '../http/page.ts'
import { formPostPage } from '../pages/form-post-page.ts'
import type { OAuthError } from './errors.ts'

export interface ResponseAddress {
  redirectUri: string
  responseMode: 'query' | 'form_post'
  state?: string | undefined
}

/** Adds fields to a URI and keeps its query (RFC 6749 §3.1.2). */
export const withQuery = (uri: string, fields: Readonly<Record<string, string>>): string =>
  `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(fields)}`

/** @param answer the parameters of the response, without `state` and `iss` */
export const sendAuthorizationResponse = (
  request: FastifyRequest,
  reply: FastifyReply,
  { redirectUri, responseMode, state }: ResponseAddress,
  answer: Readonly<Record<string, string>>,
  issuer: string,
) => {
  const fields = { ...answer, ...(state !== undefined && { state }), iss: issuer }
  reply.header('cache-control', 'no-store')
  if (responseMode === 'query') return reply.redirect(withQuery(redirectUri, fields), 303)
  const frame = pageFrame(request)
  return sendPage(reply, frame, formPostPage({ ...frame, action: redirectUri, fields }), {
    formTo: redirectUri,
  })
}

/** The parameters of an error response (RFC 6749 §4.1.2.1). */
export const errorAnswer = ({ code, description }: Pick<OAuthError, 'code' | 'description'>) => ({
  error: code,
  error_description: description,
})
