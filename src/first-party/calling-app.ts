// Finds the first-party client that sends a request without a token. Its secret identifies a backend, and the
// origin identifies a browser page. Any other caller counts as one of the team's own programs.

import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { type Client, type Clients, firstPartyApiClientId } from '../clients/client.ts'
import type { VerifyClient } from '../clients/verify-client.ts'
import { readBasic } from '../http/basic-auth.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, type RequestContext, requestContext } from '../http/request-context.ts'
import type { Localized } from '../pages/language.ts'
import { type Members, optionalText } from './members.ts'

export interface CallingApp {
  client: Client
  /** True if the client proved its identity with its secret. */
  authenticated: boolean
}

export type FindCallingApp = (request: FastifyRequest) => Promise<CallingApp>

const refuse = (status: number, code: string, detail: Localized) => new ProblemError({ status, code, detail })

/** The header that Swagger UI sends if nobody typed a client id and a secret: a colon alone (RFC 7617). */
const isWithoutCredentials = (header: string): boolean => /^basic og==$/i.test(header)

/** @throws {ProblemError} 401 if the secret is wrong, 403 for a third-party client */
const backendOf = async (
  request: FastifyRequest,
  header: string,
  verifyClient: VerifyClient,
): Promise<CallingApp> => {
  const basic = readBasic(header)
  if (basic === undefined)
    throw refuse(401, 'invalid_client', {
      en: 'The Authorization header is malformed.',
      ko: 'Authorization 헤더의 형식이 올바르지 않아요.',
    })
  const verified = await verifyClient(basic, auditContext(requestContext(request)))
  if (verified.outcome === 'refused') {
    const { reason, retryAfterSeconds } = verified
    const detail = {
      en: 'The client id or the client secret is wrong.',
      ko: '클라이언트 ID나 클라이언트 시크릿이 맞지 않아요.',
    }
    throw new ProblemError(
      { status: 401, code: 'invalid_client', detail, ...(retryAfterSeconds && { retryAfterSeconds }) },
      reason,
    )
  }
  if (verified.client.firstParty) return { client: verified.client, authenticated: true }
  throw refuse(403, 'first_party_only', {
    en: 'Only first-party clients may use this API.',
    ko: '자사 클라이언트만 이 API를 쓸 수 있어요.',
  })
}

/** @throws {ProblemError} 403 if no first-party client has registered the origin of the page */
export const createFindCallingApp =
  ({ clients, verifyClient }: { clients: Clients; verifyClient: VerifyClient }): FindCallingApp =>
  async (request) => {
    const { origin, authorization = '' } = request.headers
    if (/^basic /i.test(authorization) && !isWithoutCredentials(authorization))
      return backendOf(request, authorization, verifyClient)
    const site = request.headers['sec-fetch-site']
    const candidates = origin === undefined ? [] : await clients.findByOrigin(origin)
    const client =
      origin === undefined && (site === undefined || site === 'none')
        ? await clients.find(firstPartyApiClientId)
        : candidates.find(({ firstParty }) => firstParty)
    if (client !== undefined) return { client, authenticated: false }
    throw refuse(403, 'origin_not_registered', {
      en: 'No first-party client has registered this browser origin.',
      ko: '이 출처(origin)를 등록한 자사 클라이언트가 없어요.',
    })
  }

/**
 * The facts about the request, with the address of the user instead of the backend if the backend names it.
 * @throws {ProblemError} 400 if it is not an IP address, 401 if the caller did not authenticate
 */
export const userContext = (
  request: FastifyRequest,
  { authenticated }: CallingApp,
  body: Members,
): RequestContext => {
  const context = requestContext(request)
  const ip = optionalText(body, 'user_address')
  if (ip === undefined) return context
  if (!authenticated)
    throw refuse(401, 'invalid_client', {
      en: 'Only a client that authenticates with its secret may send user_address.',
      ko: 'user_address는 시크릿으로 인증한 클라이언트만 보낼 수 있어요.',
    })
  if (isIP(ip) === 0)
    throw refuse(400, 'invalid_request', {
      en: 'user_address must be an IP address.',
      ko: 'user_address는 IP 주소여야 해요.',
    })
  return { ...context, ip }
}
