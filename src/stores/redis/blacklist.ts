// The port Blacklist on Redis. All keys share one hash tag. The name of an entry is `<kind>:<value>`.
//   dojang:{blacklist}:entries    hash: name -> `<revokedAt> <expiresAt> <cutoff>`; ms, or - for no cut-off
//   dojang:{blacklist}:expiries   sorted set: names by expiresAt, to delete expired entries
//   dojang:{blacklist}:changes    sorted set: names by revokedAt, to read new entries
import {
  type Blacklist,
  type Revocation,
  type RevocationKind,
  revocationKinds,
} from '../../revocation/blacklist.ts'
import type { RedisConnection } from './connection.ts'
import { hourMs, ttlMs } from './expiry.ts'
import { luaScript } from './lua.ts'

const entriesKey = 'dojang:{blacklist}:entries'
const expiriesKey = 'dojang:{blacklist}:expiries'
const changesKey = 'dojang:{blacklist}:changes'

const nameOf = ({ kind, value }: { kind: RevocationKind; value: string }): string => `${kind}:${value}`

const revocationOf = (name: string, entry: string): Revocation | undefined => {
  const kind = revocationKinds.find((kind) => name.startsWith(`${kind}:`))
  const [revokedAt, expiresAt, cutoff] = entry.split(' ')
  if (kind === undefined) return undefined
  return {
    kind,
    value: name.slice(kind.length + 1),
    ...(cutoff !== '-' && { cutoff: new Date(Number(cutoff)) }),
    revokedAt: new Date(Number(revokedAt)),
    expiresAt: new Date(Number(expiresAt)),
  }
}

export const createRedisBlacklist = (connection: RedisConnection): Blacklist => {
  const add = luaScript<'added'>(connection, 'add-to-blacklist')

  const everyEntry = () => connection.run((redis) => redis.hgetall(entriesKey))

  const entriesSince = (since: Date) =>
    connection.run(async (redis) => {
      const names = await redis.zrangebyscore(changesKey, since.getTime(), '+inf')
      if (names.length === 0) return {}
      const entries = await redis.hmget(entriesKey, ...names)
      // A missing entry expired between the two reads.
      return Object.fromEntries(names.flatMap((name, at) => (entries[at] ? [[name, entries[at]]] : [])))
    })

  return {
    add: async (revocation) => {
      const { cutoff, revokedAt, expiresAt } = revocation
      await add(
        [entriesKey, expiriesKey, changesKey],
        [
          nameOf(revocation),
          revokedAt.getTime(),
          expiresAt.getTime(),
          cutoff?.getTime() ?? '-',
          ttlMs(revokedAt, expiresAt, hourMs),
          revokedAt.getTime() - hourMs,
        ],
      )
    },
    find: async (names, now) => {
      if (names.length === 0) return []
      const wanted = names.map(nameOf)
      const entries = await connection.run((redis) => redis.hmget(entriesKey, ...wanted))
      return wanted
        .flatMap((name, at) => (entries[at] ? (revocationOf(name, entries[at]) ?? []) : []))
        .filter(({ expiresAt }) => now < expiresAt)
    },
    list: async (now, since) => {
      const entries = await (since === undefined ? everyEntry() : entriesSince(since))
      return Object.entries(entries)
        .flatMap(([name, entry]) => revocationOf(name, entry) ?? [])
        .filter(({ expiresAt }) => now < expiresAt)
        .sort((a, b) => a.revokedAt.getTime() - b.revokedAt.getTime())
    },
  }
}
