// The port Sessions on Redis. One hash has all sessions of a user, so each change is a script on one key.
//   dojang:{<user id>}:sessions
//     facts <session id>      JSON: startedAt, expiresAt (ms), userAgent, ip
//     login <session id>      JSON: secretHash, authTime (ms), amr
//     seen <session id>       ms
//     families <session id>   one JSON object per line, oldest first
import {
  type Joining,
  type Session,
  type SessionFamily,
  type Sessions,
  userOfSession,
} from '../../sessions/session.ts'
import type { RedisConnection } from './connection.ts'
import { dayMs, ttlMs } from './expiry.ts'
import { createJsonField } from './json-field.ts'
import { luaScript } from './lua.ts'

const keyOf = (userId: string): string => `dojang:{${userId}}:sessions`

interface Facts {
  startedAt: number
  expiresAt: number
  userAgent?: string
  ip?: string
}

interface Login {
  secretHash?: string
  authTime: number
  amr: readonly string[]
}

const factsField = createJsonField<Facts>()
const loginField = createJsonField<Login>()
const familyLine = createJsonField<SessionFamily>()

const writeFacts = ({ startedAt, expiresAt, userAgent, ip }: Session): string =>
  factsField.write({
    startedAt: startedAt.getTime(),
    expiresAt: expiresAt.getTime(),
    ...(userAgent !== undefined && { userAgent }),
    ...(ip !== undefined && { ip }),
  })

const writeLogin = ({
  secretHash,
  authTime,
  amr,
}: Pick<Session, 'secretHash' | 'authTime' | 'amr'>): string =>
  loginField.write({
    ...(secretHash !== undefined && { secretHash }),
    authTime: authTime.getTime(),
    amr,
  })

const sessionOf = (id: string, fields: ReadonlyMap<string, string>): Session | undefined => {
  const userId = userOfSession(id)
  const [facts, login] = [fields.get(`facts ${id}`), fields.get(`login ${id}`)]
  if (userId === undefined || facts === undefined || login === undefined) return undefined
  const { startedAt, expiresAt, ...device } = factsField.read(facts)
  const { authTime, ...authentication } = loginField.read(login)
  const families = (fields.get(`families ${id}`) ?? '').split('\n').filter(Boolean)
  return {
    id,
    userId,
    ...device,
    ...authentication,
    authTime: new Date(authTime),
    startedAt: new Date(startedAt),
    expiresAt: new Date(expiresAt),
    lastSeenAt: new Date(Number(fields.get(`seen ${id}`))),
    families: families.map(familyLine.read),
  }
}

/** Reads sessions from a list of field, value, field, value, …, the form of HGETALL. Oldest first. */
const sessionsOf = (flat: readonly string[]): Session[] => {
  const fields = new Map<string, string>()
  for (let at = 0; at + 1 < flat.length; at += 2) fields.set(flat[at] ?? '', flat[at + 1] ?? '')
  return [...fields.keys()]
    .filter((field) => field.startsWith('facts '))
    .flatMap((field) => sessionOf(field.slice('facts '.length), fields) ?? [])
    .sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime() || (a.id < b.id ? -1 : 1))
}

export const createRedisSessions = (connection: RedisConnection): Sessions => {
  const start = luaScript<string[]>(connection, 'start-session')
  const join = luaScript<string[]>(connection, 'join-session')
  const leave = luaScript<'left' | 'none'>(connection, 'leave-session')
  const renew = luaScript<'renewed' | 'ended'>(connection, 'renew-session')
  const touch = luaScript<'touched' | 'ended'>(connection, 'touch-session')
  const end = luaScript<string[]>(connection, 'end-sessions')

  const read = async (userId: string): Promise<Session[]> =>
    sessionsOf(Object.entries(await connection.run((redis) => redis.hgetall(keyOf(userId)))).flat())

  const joinOnce = async (
    id: string,
    { familyId, clientId }: SessionFamily,
    limit: number,
    asked: 'others' | 'none',
  ): Promise<Joining> => {
    const userId = userOfSession(id)
    if (userId === undefined) return { outcome: 'ended' }
    const family = familyLine.write({ familyId, clientId })
    const [outcome, displaced, ...rest] = await join([keyOf(userId)], [id, family, limit, asked])
    if (outcome !== 'joined') return { outcome: 'ended' }
    const count = Number(displaced)
    return {
      outcome,
      displaced: rest.slice(0, count).map(familyLine.read),
      ...(asked === 'others' && { others: rest.slice(count) }),
    }
  }

  return {
    start: async (session, limit) => {
      const { id, userId, startedAt, expiresAt, lastSeenAt, families } = session
      if (userOfSession(id) !== userId) throw new Error('A session id must begin with the id of its user.')
      const ended = await start(
        [keyOf(userId)],
        [
          id,
          limit,
          ttlMs(startedAt, expiresAt, dayMs),
          writeFacts(session),
          writeLogin(session),
          lastSeenAt.getTime(),
          families.map(familyLine.write).join('\n'),
        ],
      )
      return sessionsOf(ended)
    },
    find: async (id) => {
      const userId = userOfSession(id)
      if (userId === undefined) return undefined
      const fields = ['facts', 'login', 'seen', 'families'].map((name) => `${name} ${id}`)
      const values = await connection.run((redis) => redis.hmget(keyOf(userId), ...fields))
      return sessionOf(id, new Map(fields.flatMap((field, at) => (values[at] ? [[field, values[at]]] : []))))
    },
    join: (id, family, limit) => joinOnce(id, family, limit, 'none'),
    joinAlone: (id, family, limit) => joinOnce(id, family, limit, 'others'),
    leave: async (id, familyId) => {
      const userId = userOfSession(id)
      if (userId !== undefined) await leave([keyOf(userId)], [id, familyId])
    },
    renew: async (id, renewal) => {
      const userId = userOfSession(id)
      if (userId === undefined) return 'ended'
      return renew([keyOf(userId)], [id, writeLogin(renewal), renewal.authTime.getTime()])
    },
    touch: async (id, now) => {
      const userId = userOfSession(id)
      if (userId !== undefined) await touch([keyOf(userId)], [id, now.getTime()])
    },
    end: async (id) => {
      const userId = userOfSession(id)
      return userId === undefined ? undefined : sessionsOf(await end([keyOf(userId)], ['only', id]))[0]
    },
    endAll: async (userId, keep = '') => sessionsOf(await end([keyOf(userId)], ['all but', keep])),
    listOfUser: read,
  }
}
