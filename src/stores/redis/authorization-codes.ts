// Authorization codes in Redis, one hash each; redeemed ones stay, so that a second use is noticed.
//   dojang:code:<code hash>   facts (JSON), expiresAt (ms), redeemedBy
import type { AuthorizationCode, AuthorizationCodes, Redemption } from '../../tokens/authorization-code.ts'
import type { RedisConnection } from './connection.ts'
import { anHour, ttlMs } from './expiry.ts'
import { luaScript } from './lua.ts'

const keyOf = (codeHash: string): string => `dojang:code:${codeHash}`

type Facts = Omit<AuthorizationCode, 'codeHash' | 'authTime' | 'issuedAt' | 'expiresAt' | 'redeemedBy'> & {
  authTime: number
  issuedAt: number
}

const codeOf = (codeHash: string, fields: Record<string, string>): AuthorizationCode | undefined => {
  if (fields.facts === undefined) return undefined
  const { authTime, issuedAt, ...facts } = JSON.parse(fields.facts) as Facts
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
      const facts: Facts = {
        ...rest,
        authTime: rest.authTime.getTime(),
        issuedAt: rest.issuedAt.getTime(),
      }
      const fields = {
        facts: JSON.stringify(facts),
        expiresAt: expiresAt.getTime(),
        ...(redeemedBy !== undefined && { redeemedBy }),
      }
      const life = ttlMs(rest.issuedAt, expiresAt, anHour)
      await write([keyOf(codeHash)], [life, ...Object.entries(fields).flat()])
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
