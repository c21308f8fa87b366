// The signed-in person's own page: sessions, connected apps, password. Every change is a same-origin POST, and leads
// back to the page.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clients } from '../clients/client.ts'
import type { Consents } from '../clients/consent.ts'
import type { Clock } from '../clock.ts'
import { type Fields, queryFields, single } from '../http/form.ts'
import { pageErrorHandler, pageFrame, sendPage } from '../http/page.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { isSameOrigin } from '../http/same-origin.ts'
import { acceptForms, requireForm } from '../http/server.ts'
import type { DisconnectRequests } from '../identities/disconnect-requests.ts'
import type { Identities } from '../identities/identity.ts'
import type { ClientId } from '../ids.ts'
import { accountPage } from '../pages/account-page.ts'
import { sessionCookieName } from '../sessions/cookie.ts'
import type { EndSessions } from '../sessions/end.ts'
import { isLive, type Sessions } from '../sessions/session.ts'
import type { SignedIn, SignIn } from '../sessions/sign-in.ts'
import { type ChangePassword, createChangePasswordAction } from './change-password.ts'
import type { AccountDeletion } from './delete-account.ts'
import { createUnlinkAction } from './unlink-identity.ts'

type View = Parameters<typeof accountPage>[0]
type Notice = NonNullable<View['notice']>
type Problem = NonNullable<View['problem']>

const notices: readonly Notice[] = [
  'password_changed',
  'sessions_ended',
  'grant_withdrawn',
  'linked',
  'unlinked',
]

export interface AccountDeps {
  clock: Clock
  sessions: Sessions
  clients: Clients
  consents: Consents
  identities: Identities
  disconnectRequests: Pick<DisconnectRequests, 'enqueue'>
  /** Ways in that can be added, and the origins that a browser passes on the way. */
  providers: readonly { id: string; pages: readonly string[] }[]
  signIn: SignIn
  endSessions: EndSessions
  changePassword: ChangePassword
  deletion: AccountDeletion
  audit: Audit
  issuer: string
  minPasswordLength: number
}

export const mountAccountRoutes = async (server: FastifyInstance, deps: AccountDeps) => {
  const { clock, sessions, clients, consents, identities, providers, signIn, endSessions, audit } = deps

  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { session, user }: SignedIn,
    options: { notice?: Notice; problem?: Problem; status?: number; retryAfterSeconds?: number } = {},
  ) => {
    const frame = pageFrame(request)
    const names = new Map((await clients.list()).map(({ id, name }) => [id, name]))
    const nameOf = (clientId: ClientId) => names.get(clientId) ?? clientId
    const { status, ...saying } = options
    if (saying.retryAfterSeconds !== undefined) reply.header('retry-after', String(saying.retryAfterSeconds))
    const page = accountPage({
      ...frame,
      user: {
        ...(user.email !== undefined && { email: user.email }),
        ...(user.username !== undefined && { username: user.username }),
        ...(user.name !== undefined && { name: user.name }),
        hasPassword: user.passwordHash !== undefined,
      },
      identities: (await identities.listOfUser(user.id)).map(({ provider, subject, email, linkedAt }) => ({
        ...{ provider, subject, linkedAt },
        ...(email !== undefined && { email }),
      })),
      providers: providers.map(({ id }) => id),
      sessions: (await sessions.listOfUser(user.id))
        .filter((one) => isLive(one, clock.now()))
        .map(({ id, startedAt, lastSeenAt, families, ip, userAgent }) => ({
          ...{ id, startedAt, lastSeenAt, current: id === session.id },
          clients: [...new Set(families.map(({ clientId }) => nameOf(clientId)))],
          ...(ip !== undefined && { ip }),
          ...(userAgent !== undefined && { userAgent }),
        })),
      grants: (await consents.listOfUser(user.id)).map(({ clientId, scopes, grantedAt }) => ({
        ...{ clientId, scopes, grantedAt, clientName: nameOf(clientId) },
      })),
      minPasswordLength: deps.minPasswordLength,
      ...saying,
    })
    return sendPage(reply, frame, page, {
      formTo: providers.flatMap(({ pages }) => pages),
      ...(status && { status }),
    })
  }

  /** Linking a provider came to nothing; the page knows which words are ours. */
  const broughtBack = (request: FastifyRequest) => {
    const fields = queryFields(request)
    const what = single(fields, 'problem')
    const provider = providers.find(({ id }) => id === single(fields, 'provider'))?.id
    return what === undefined ? {} : { problem: { what, ...(provider !== undefined && { provider }) } }
  }

  const back = (request: FastifyRequest, reply: FastifyReply, notice: Notice) =>
    reply
      .header('cache-control', 'no-store')
      .redirect(`/account?done=${notice}&ui_locales=${pageFrame(request).lang}`, 303)

  type Action = (
    request: FastifyRequest,
    reply: FastifyReply,
    signedIn: SignedIn,
    fields: Fields,
  ) => Promise<FastifyReply>

  const action = (act: Action) => async (request: FastifyRequest, reply: FastifyReply) => {
    if (!isSameOrigin(request, deps.issuer))
      throw new ProblemError({ status: 403, code: 'forbidden', detail: 'This form came from another site.' })
    const signedIn = await signIn.fromCookie(request.cookies[sessionCookieName])
    if (signedIn === undefined) return reply.redirect('/login', 303)
    return act(request, reply, signedIn, request.body as Fields)
  }

  const about = (request: FastifyRequest, { user, session }: SignedIn) => ({
    actor: 'user' as const,
    userId: user.id,
    sessionId: session.id,
    ...auditContext(requestContext(request)),
  })

  const endOne: Action = async (request, reply, signedIn, fields) => {
    const id = single(fields, 'session') ?? ''
    const own = (await sessions.listOfUser(signedIn.user.id)).some((session) => session.id === id)
    if (own && (await endSessions.session(id)))
      audit({ type: 'session.ended', ...about(request, signedIn), sessionId: id })
    return back(request, reply, 'sessions_ended')
  }

  const endOthers: Action = async (request, reply, signedIn) => {
    await endSessions.ofUser(signedIn.user.id, signedIn.session.id)
    audit({ type: 'session.ended', ...about(request, signedIn), reason: 'all others' })
    return back(request, reply, 'sessions_ended')
  }

  const withdraw: Action = async (request, reply, signedIn, fields) => {
    const clientId = single(fields, 'client') ?? ''
    if (await consents.withdraw(signedIn.user.id, clientId))
      audit({ type: 'consent.withdrawn', ...about(request, signedIn), clientId })
    // Also when it was withdrawn before: the first try may have ended here.
    for (const { families } of await sessions.listOfUser(signedIn.user.id))
      for (const family of families)
        if (family.clientId === clientId) await endSessions.family(family.familyId)
    return back(request, reply, 'grant_withdrawn')
  }

  await server.register(async (pages) => {
    pages.removeAllContentTypeParsers()
    acceptForms(pages)
    pages.setErrorHandler(pageErrorHandler)
    pages.get('/account', async (request, reply) => {
      const signedIn = await signIn.fromCookie(request.cookies[sessionCookieName])
      if (signedIn === undefined) return reply.header('cache-control', 'no-store').redirect('/login', 303)
      const done = single(queryFields(request), 'done')
      const notice = notices.find((one) => one === done)
      return show(request, reply, signedIn, { ...(notice && { notice }), ...broughtBack(request) })
    })
    const form = { preValidation: requireForm }
    pages.post('/account/sessions/end', form, action(endOne))
    pages.post('/account/sessions/end-others', form, action(endOthers))
    pages.post('/account/grants/withdraw', form, action(withdraw))
    const changePassword = createChangePasswordAction({
      changePassword: deps.changePassword,
      show,
      done: back,
    })
    const unlink = createUnlinkAction({
      clock,
      identities,
      disconnectRequests: deps.disconnectRequests,
      audit,
      show,
      done: back,
    })
    pages.post('/account/identities/unlink', form, action(unlink))
    pages.post('/account/password', form, action(changePassword))
    pages.get('/account/delete', async (request, reply) => {
      const signedIn = await signIn.fromCookie(request.cookies[sessionCookieName])
      if (signedIn === undefined) return reply.header('cache-control', 'no-store').redirect('/login', 303)
      return deps.deletion.ask(request, reply, signedIn)
    })
    pages.post('/account/delete', form, action(deps.deletion.act))
  })
}
