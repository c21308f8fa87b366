// The port AuthorizationCodes on Redis, one hash per code. A redeemed code is kept to detect a second use.
//   dojang:code:<code hash>   facts (JSON, times in ms), expiresAt (ms), redeemedBy
import type { AuthorizationCode, AuthorizationCodes, Redemption } from '../../tokens/authorization-code.ts'
import type { RedisConnection } from './connection.ts'
import { hourMs, ttlMs } from './expiry.ts'
import { createJsonField } from './json-field.ts'
import { luaScript } from './lua.ts'

const keyOf = (codeHash: string): string => `dojang:code:${codeHash}`

type Facts = Omit<AuthorizationCode, 'codeHash' | 'authTime' | 'issuedAt' | 'expiresAt' | 'redeemedBy'> & {
  authTime: number
  issuedAt: number
}

const factsField = createJsonField<Facts>()

const codeOf = (codeHash: string, fields: Record<string, string>): AuthorizationCode | undefined => {
  if (fields.facts === undefined) return undefined
  const { authTime, issuedAt, ...facts } = factsField.read(fields.facts)
  return {
    codeHash,
    ...facts,
    authTime: new Date(authTime),
    issuedAt: new Date(issuedAt),
    expiresAt: new Date(Number(fields.expiresAt)),
    ...(fields.redeemedBy !== undefined && { redeemedBy: fields.redeemedBy }),
  }
}

export const createRedisAuthorizationCodes = (connection: RedisConnection): AuthorizationCodes => {
  const write = luaScript<'written'>(connection, 'write-record')
  const redeem = luaScript<string[]>(connection, 'redeem-authorization-code')

  return {
    issue: async ({ codeHash, expiresAt, redeemedBy, ...rest }) => {
      const { authTime, issuedAt } = rest
      const fields = {
        facts: factsField.write({ ...rest, authTime: authTime.getTime(), issuedAt: issuedAt.getTime() }),
        expiresAt: expiresAt.getTime(),
        ...(redeemedBy !== undefined && { redeemedBy }),
      }
      await write([keyOf(codeHash)], [ttlMs(issuedAt, expiresAt, hourMs), ...Object.entries(fields).flat()])
    },
    find: async (codeHash) =>
      codeOf(codeHash, await connection.run((redis) => redis.hgetall(keyOf(codeHash)))),
    redeem: async (codeHash, familyId, now): Promise<Redemption> => {
      const [outcome, redeemedBy] = await redeem([keyOf(codeHash)], [familyId, now.getTime()])
      if (outcome === 'reused' && redeemedBy !== undefined) return { outcome, redeemedBy }
      return { outcome: outcome === 'redeemed' ? 'redeemed' : 'gone' }
    },
  }
}
