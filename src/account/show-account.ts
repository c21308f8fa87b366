// GET /account: collects the user, login methods, sessions and connected apps for the account page.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Apis, scopeWords } from '../clients/api.ts'
import {
  type Client,
  type Clients,
  firstPartyApiClientId,
  firstPartyApiClientName,
} from '../clients/client.ts'
import type { Consents } from '../clients/consent.ts'
import type { Clock } from '../clock.ts'
import type { EmailFlows } from '../email-links/email-flows.ts'
import { pageFrame, sendPage } from '../http/page.ts'
import { addressOf } from '../http/request-context.ts'
import type { Identities } from '../identities/identity.ts'
import type { ClientId } from '../ids.ts'
import { accountPage } from '../pages/account-page.ts'
import { texts } from '../pages/texts.ts'
import { serviceNames } from '../passwords/policy.ts'
import { isLive, type Sessions } from '../sessions/session.ts'
import type { SignedIn } from '../sessions/sign-in.ts'
import { networkOf } from '../throttle/network.ts'

type View = Parameters<typeof accountPage>[0]
export type AccountNotice = NonNullable<View['notice']>
export type AccountProblem = NonNullable<View['problem']>

export interface ShowAccountDeps {
  clock: Clock
  issuer: string
  sessions: Sessions
  clients: Clients
  apis: Apis
  consents: Consents
  identities: Identities
  minPasswordLength: number
  /** Undefined if this installation sends no mail. */
  emailFlows: EmailFlows | undefined
  /** Providers that can be linked. `pages` are the origins that the browser visits during a sign-in there. */
  providers: readonly { id: string; pages: readonly string[] }[]
}

type Strength = NonNullable<View['strength']>

export type ShowAccount = (
  request: FastifyRequest,
  reply: FastifyReply,
  signedIn: SignedIn,
  options?: {
    notice?: AccountNotice
    problem?: AccountProblem
    /** The name that was sent and refused. */
    typedName?: string
    /** The estimate of the new password that was sent. */
    strength?: Strength
    status?: number
    retryAfterSeconds?: number
  },
) => Promise<FastifyReply>

/** The API for which the client gets tokens by default comes first. */
const audiencesOf = (client: Client | undefined): string[] =>
  [client?.defaultAudience, ...(client?.audiences ?? [])].filter((audience) => audience !== undefined)

export const createShowAccount = ({
  clock,
  issuer,
  sessions,
  clients,
  apis,
  consents,
  identities,
  minPasswordLength,
  emailFlows,
  providers,
}: ShowAccountDeps): ShowAccount => {
  return async (request, reply, { session, user }, options = {}) => {
    const frame = pageFrame(request)
    const known = new Map((await clients.list()).map((client) => [client.id, client]))
    const nameOf = (clientId: ClientId) => {
      const name = known.get(clientId)?.name ?? clientId
      const isOwn = clientId === firstPartyApiClientId && name === firstPartyApiClientName
      return isOwn ? texts(frame.lang).account.ownApp : name
    }
    const allApis = await apis.list()
    const network = networkOf(addressOf(request))
    const { status, ...message } = options
    if (message.retryAfterSeconds !== undefined)
      reply.header('retry-after', String(message.retryAfterSeconds))
    const page = accountPage({
      ...frame,
      user: {
        ...(user.email !== undefined && { email: user.email }),
        ...(user.username !== undefined && { username: user.username }),
        ...(user.name !== undefined && { name: user.name }),
        ...(user.locale !== undefined && { locale: user.locale }),
        emailVerified: user.emailVerified,
        hasPassword: user.passwordHash !== undefined,
      },
      mail: emailFlows !== undefined,
      identities: (await identities.listOfUser(user.id)).map(({ provider, subject, email, linkedAt }) => ({
        provider,
        subject,
        linkedAt,
        ...(email !== undefined && { email }),
      })),
      providers: providers.map(({ id }) => id),
      sessions: (await sessions.listOfUser(user.id))
        .filter((candidate) => isLive(candidate, clock.now()))
        .map(({ id, secretHash, startedAt, lastSeenAt, families, ip, userAgent }) => ({
          id,
          startedAt,
          lastSeenAt,
          current: id === session.id,
          isBrowser: Boolean(secretHash),
          sameNetwork: ip !== undefined && networkOf(ip) === network,
          clients: [...new Set(families.map(({ clientId }) => nameOf(clientId)))],
          ...(ip !== undefined && { ip }),
          ...(userAgent !== undefined && { userAgent }),
        })),
      grants: (await consents.listOfUser(user.id)).map(({ clientId, scopes, grantedAt }) => ({
        clientId,
        scopes,
        grantedAt,
        clientName: nameOf(clientId),
        // The consent does not keep the API, so the APIs of the client come first.
        scopeWords: scopeWords(allApis, {
          scope: scopes,
          audiences: audiencesOf(known.get(clientId)),
          lang: frame.lang,
        }),
      })),
      minPasswordLength,
      serviceNames: serviceNames(issuer),
      ...message,
    })
    return sendPage(reply, frame, page, {
      formTo: providers.flatMap(({ pages }) => pages),
      ...(status && { status }),
    })
  }
}
