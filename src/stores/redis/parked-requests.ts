// Parked authorization requests in Redis, one hash each.
//   dojang:parked:<id hash>   request (JSON), parkedAt, expiresAt (ms), consentedBySession
import type { AuthorizationRequest, ParkedRequest, ParkedRequests } from '../../sessions/parked-request.ts'
import type { RedisConnection } from './connection.ts'
import { anHour, ttlMs } from './expiry.ts'
import { luaScript } from './lua.ts'

const keyOf = (idHash: string): string => `dojang:parked:${idHash}`

const parkedOf = (idHash: string, fields: Record<string, string>): ParkedRequest | undefined =>
  fields.request === undefined
    ? undefined
    : {
        idHash,
        request: JSON.parse(fields.request) as AuthorizationRequest,
        parkedAt: new Date(Number(fields.parkedAt)),
        expiresAt: new Date(Number(fields.expiresAt)),
        ...(fields.consentedBySession !== undefined && { consentedBySession: fields.consentedBySession }),
      }

export const createRedisParkedRequests = (connection: RedisConnection): ParkedRequests => {
  const write = luaScript<'written'>(connection, 'write-record')
  const consent = luaScript<'remembered' | 'gone'>(connection, 'consent-to-parked-request')
  const take = luaScript<string[]>(connection, 'take-parked-request')

  return {
    park: async ({ idHash, request, parkedAt, expiresAt, consentedBySession }) => {
      const fields = {
        request: JSON.stringify(request),
        parkedAt: parkedAt.getTime(),
        expiresAt: expiresAt.getTime(),
        ...(consentedBySession !== undefined && { consentedBySession }),
      }
      const life = ttlMs(parkedAt, expiresAt, anHour)
      await write([keyOf(idHash)], [life, ...Object.entries(fields).flat()])
    },
    find: async (idHash) => parkedOf(idHash, await connection.run((redis) => redis.hgetall(keyOf(idHash)))),
    consent: async (idHash, sessionId) => (await consent([keyOf(idHash)], [sessionId])) === 'remembered',
    take: async (idHash) => {
      const [request, parkedAt, expiresAt, consentedBySession] = await take([keyOf(idHash)], [])
      if (request === undefined || parkedAt === undefined || expiresAt === undefined) return undefined
      return parkedOf(idHash, {
        request,
        parkedAt,
        expiresAt,
        ...(consentedBySession !== undefined && { consentedBySession }),
      })
    },
  }
}
