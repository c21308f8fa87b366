// The last step of every login method on the hosted pages: session, cookies and audit event.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { type KnownDevices, knownDeviceSeconds } from '../passwords/known-device.ts'
import type { TellNewDevice } from '../passwords/new-device.ts'
import { cookieAttributes, deviceCookieName, sessionCookieName } from '../sessions/cookie.ts'
import type { FoundParkedRequest, ParkedRequests } from '../sessions/parked-request.ts'
import { endedDuringSignIn, type SignIn } from '../sessions/sign-in.ts'
import type { ReadUser } from '../users/user.ts'

/** A successful check of a password or a provider. `device` is the value for the device cookie. */
export interface CheckedLogin extends ReadUser {
  amr: readonly string[]
  device?: string
  /** Absent if the caller did not look at the mark of the device. */
  isNewDevice?: boolean
}

export type SignedInInBrowser =
  /** `sealed` is the text with which the waiting request continues. */
  | { outcome: 'signed_in'; sealed?: string }
  /** The access of the user ended during the sign-in, and the browser gets no session. */
  | { outcome: 'ended' }

export type SignInInBrowser = (
  request: FastifyRequest,
  reply: FastifyReply,
  login: CheckedLogin & { waiting?: FoundParkedRequest | undefined },
) => Promise<SignedInInBrowser>

export const createSignInInBrowser =
  (deps: {
    signIn: SignIn
    parkedRequests: ParkedRequests
    knownDevices: KnownDevices
    tellNewDevice: TellNewDevice
    audit: Audit
    absoluteTtlSeconds: number
  }): SignInInBrowser =>
  async (request, reply, { user, readAt, amr, waiting, ...checked }) => {
    const { signIn, knownDevices, audit } = deps
    const context = requestContext(request)
    const facts = {
      actor: 'user' as const,
      userId: user.id,
      ...(waiting && { clientId: waiting.client.id }),
      ...auditContext(context),
    }
    const before = await signIn.fromCookie(request.cookies[sessionCookieName])
    const signedIn = await signIn.inBrowser({ user, readAt, amr, ...context }, before)
    if (signedIn === undefined) {
      audit({ type: 'login.failed', ...facts, reason: endedDuringSignIn })
      return { outcome: 'ended' }
    }
    reply.setCookie(sessionCookieName, signedIn.cookie, {
      ...cookieAttributes,
      maxAge: deps.absoluteTtlSeconds,
    })
    const mark = request.cookies[deviceCookieName]
    const isNew = checked.isNewDevice ?? knownDevices.find(mark, user, readAt) === undefined
    const device = checked.device ?? (isNew ? knownDevices.mark(user, readAt) : undefined)
    // The sign-in that created the account is not news.
    if (isNew && user.createdAt.getTime() !== readAt.getTime()) deps.tellNewDevice(user, context)
    if (device) reply.setCookie(deviceCookieName, device, { ...cookieAttributes, maxAge: knownDeviceSeconds })
    audit({ type: 'login.succeeded', ...facts, sessionId: signedIn.session.id, reason: amr.join(' ') })
    if (waiting === undefined) return { outcome: 'signed_in' }
    const sealed = deps.parkedRequests.signedIn(waiting.parked, signedIn.session.id)
    return { outcome: 'signed_in', sealed }
  }
