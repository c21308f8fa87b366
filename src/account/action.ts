// Checks for all account pages and forms that the user is signed in and that the form is our own.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Fields, formFields } from '../http/form.ts'
import type { Handler } from '../http/handler.ts'
import { pageFrame } from '../http/page.ts'
import { refuseCrossSite } from '../http/same-origin.ts'
import { sessionCookieName } from '../sessions/cookie.ts'
import type { SignedIn, SignIn } from '../sessions/sign-in.ts'
import type { AccountNotice } from './show-account.ts'

export type AccountAction = (
  request: FastifyRequest,
  reply: FastifyReply,
  signedIn: SignedIn,
  fields: Fields,
) => Promise<FastifyReply>

/** Redirects to the account page, which shows the notice. */
export type BackToAccount = (
  request: FastifyRequest,
  reply: FastifyReply,
  notice: AccountNotice,
) => FastifyReply

export const backToAccount: BackToAccount = (request, reply, notice) =>
  reply
    .header('cache-control', 'no-store')
    .redirect(`/account?done=${notice}&ui_locales=${pageFrame(request).lang}`, 303)

/** Sends the user to the login page, because the last sign-in is too old for this change. */
export const reauthenticate = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const query = new URLSearchParams({ problem: 'reauthenticate', ui_locales: pageFrame(request).lang })
  return reply.header('cache-control', 'no-store').redirect(`/login?${query}`, 303)
}

/** Sends a browser without a session to the sign-in page, in the language of this page. */
export const askForSignIn = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply.header('cache-control', 'no-store').redirect(`/login?ui_locales=${pageFrame(request).lang}`, 303)

/** A page for signed-in users. Everyone else is sent to /login. */
export const createAccountPage =
  (
    signIn: SignIn,
    show: (request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn) => Promise<FastifyReply>,
  ): Handler =>
  async (request, reply) => {
    const signedIn = await signIn.fromCookie(request.cookies[sessionCookieName])
    if (signedIn === undefined) return askForSignIn(request, reply)
    return show(request, reply, signedIn)
  }

/**
 * A form for signed-in users. Everyone else is sent to /login.
 * @throws {ProblemError} 403 if another site sent the form
 */
export const createAccountForm =
  ({ signIn, issuer }: { signIn: SignIn; issuer: string }, action: AccountAction): Handler =>
  async (request, reply) => {
    refuseCrossSite(request, issuer)
    const signedIn = await signIn.fromCookie(request.cookies[sessionCookieName])
    if (signedIn === undefined) return askForSignIn(request, reply)
    return action(request, reply, signedIn, formFields(request))
  }
