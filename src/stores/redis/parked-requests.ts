// The port ParkedRequests on Redis, one hash per request.
//   dojang:parked:<id hash>   request (JSON), parkedAt, expiresAt (ms), consentedBySession
import type { AuthorizationRequest, ParkedRequest, ParkedRequests } from '../../sessions/parked-request.ts'
import type { RedisConnection } from './connection.ts'
import { hourMs, ttlMs } from './expiry.ts'
import { createJsonField } from './json-field.ts'
import { luaScript } from './lua.ts'

const keyOf = (idHash: string): string => `dojang:parked:${idHash}`

const requestField = createJsonField<AuthorizationRequest>()

const parkedOf = (idHash: string, fields: Record<string, string>): ParkedRequest | undefined =>
  fields.request === undefined
    ? undefined
    : {
        idHash,
        request: requestField.read(fields.request),
        parkedAt: new Date(Number(fields.parkedAt)),
        expiresAt: new Date(Number(fields.expiresAt)),
        ...(fields.consentedBySession !== undefined && { consentedBySession: fields.consentedBySession }),
      }

export const createRedisParkedRequests = (connection: RedisConnection): ParkedRequests => {
  const write = luaScript<'written'>(connection, 'write-record')
  const consent = luaScript<'stored' | 'gone'>(connection, 'consent-to-parked-request')
  const take = luaScript<string[]>(connection, 'take-parked-request')

  return {
    park: async ({ idHash, request, parkedAt, expiresAt, consentedBySession }) => {
      const fields = {
        request: requestField.write(request),
        parkedAt: parkedAt.getTime(),
        expiresAt: expiresAt.getTime(),
        ...(consentedBySession !== undefined && { consentedBySession }),
      }
      await write([keyOf(idHash)], [ttlMs(parkedAt, expiresAt, hourMs), ...Object.entries(fields).flat()])
    },
    find: async (idHash) => parkedOf(idHash, await connection.run((redis) => redis.hgetall(keyOf(idHash)))),
    consent: async (idHash, sessionId) => (await consent([keyOf(idHash)], [sessionId])) === 'stored',
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
