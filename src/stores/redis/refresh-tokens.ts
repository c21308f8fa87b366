// The port RefreshTokens on Redis, one hash per family. All times are in ms.
//   dojang:{<family id>}:family   facts (JSON), generation, rotatedAt, network, userAgent, replays,
//                                 replayedGeneration, replayRun, idleExpiresAt, expiresAt, revokedAt
import { defined } from '../../defined.ts'
import {
  type Acceptance,
  type Family,
  type RefreshAttempt,
  type RefreshTokens,
  type Rotation,
  repeatedReplays,
} from '../../sessions/family.ts'
import type { RedisConnection } from './connection.ts'
import { dayMs, ttlMs } from './expiry.ts'
import { createJsonField } from './json-field.ts'
import { luaScript } from './lua.ts'

const keyOf = (familyId: string): string => `dojang:{${familyId}}:family`

/** The members that never change. */
type Facts = Pick<
  Family,
  'clientId' | 'userId' | 'sessionId' | 'startedBy' | 'scope' | 'resource' | 'amr' | 'salt'
> & { authTime: number; startedAt: number }

const factsField = createJsonField<Facts>()

const factsOf = (family: Family): Facts => ({
  clientId: family.clientId,
  userId: family.userId,
  sessionId: family.sessionId,
  startedBy: family.startedBy,
  scope: family.scope,
  resource: family.resource,
  amr: family.amr,
  salt: family.salt,
  authTime: family.authTime.getTime(),
  startedAt: family.startedAt.getTime(),
})

const familyOf = (id: string, fields: Record<string, string>): Family | undefined => {
  if (fields.facts === undefined) return undefined
  const { authTime, startedAt, ...facts } = factsField.read(fields.facts)
  return {
    id,
    ...facts,
    authTime: new Date(authTime),
    startedAt: new Date(startedAt),
    generation: Number(fields.generation),
    rotatedAt: new Date(Number(fields.rotatedAt)),
    ...defined({
      rotationNetwork: fields.network,
      rotationUserAgent: fields.userAgent,
    }),
    ...(fields.replayedGeneration !== undefined && { replayedGeneration: Number(fields.replayedGeneration) }),
    replays: Number(fields.replays ?? 0),
    replayRun: Number(fields.replayRun ?? 0),
    idleExpiresAt: new Date(Number(fields.idleExpiresAt)),
    expiresAt: new Date(Number(fields.expiresAt)),
    ...(fields.revokedAt !== undefined && { revokedAt: new Date(Number(fields.revokedAt)) }),
  }
}

export const createRedisRefreshTokens = (connection: RedisConnection): RefreshTokens => {
  const write = luaScript<'written'>(connection, 'write-record')
  const rotate = luaScript<Rotation>(connection, 'rotate-refresh-token')
  const acceptCurrent = luaScript<Acceptance>(connection, 'accept-current-refresh-token')
  const revoke = luaScript<'revoked' | 'gone'>(connection, 'revoke-refresh-family')

  const valuesOf = ({ generation, now, idleExpiresAt }: RefreshAttempt) => [
    generation,
    now.getTime(),
    idleExpiresAt.getTime(),
  ]

  return {
    start: async (family) => {
      const fields = {
        facts: factsField.write(factsOf(family)),
        generation: family.generation,
        rotatedAt: family.rotatedAt.getTime(),
        ...defined({
          network: family.rotationNetwork,
          userAgent: family.rotationUserAgent,
          replayedGeneration: family.replayedGeneration,
        }),
        ...(family.replays > 0 && { replays: family.replays, replayRun: family.replayRun }),
        idleExpiresAt: family.idleExpiresAt.getTime(),
        expiresAt: family.expiresAt.getTime(),
        ...(family.revokedAt && { revokedAt: family.revokedAt.getTime() }),
      }
      const keepMs = ttlMs(family.startedAt, family.expiresAt, dayMs)
      await write([keyOf(family.id)], [keepMs, ...Object.entries(fields).flat()])
    },
    find: async (id) => familyOf(id, await connection.run((redis) => redis.hgetall(keyOf(id)))),
    rotate: (id, attempt) => {
      const { graceSeconds, network, userAgent } = attempt
      const more = [graceSeconds * 1000, network, userAgent, repeatedReplays]
      return rotate([keyOf(id)], [...valuesOf(attempt), ...more])
    },
    acceptCurrent: (id, attempt) => acceptCurrent([keyOf(id)], valuesOf(attempt)),
    revoke: async (id, now) => (await revoke([keyOf(id)], [now.getTime()])) === 'revoked',
  }
}
