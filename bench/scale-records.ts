// The records of an installation with many families. Each record is computed from its number, so that a
// million of them need no memory here.
import { createHash } from 'node:crypto'
import type { Family } from '../src/sessions/family.ts'
import type { Session } from '../src/sessions/session.ts'
import type { NewUser } from '../src/users/user.ts'

/** Each session has one family, as for a user with one app on each device. */
export const sessionsPerUser = 10
export const clientId = 'bench'

/** 16 bytes in base64url, the form of every random id. */
const idOf = (kind: string, number: number): string =>
  createHash('sha256').update(`${kind} ${number}`).digest().subarray(0, 16).toString('base64url')

const dayMs = 86_400_000

/** @param startedAt the time of every record: after the client was created, before now */
export const createRecords = (startedAt: Date) => {
  const after = (days: number) => new Date(startedAt.getTime() + days * dayMs)
  const userIdOf = (number: number) => `usr_${idOf('user', Math.floor(number / sessionsPerUser))}`
  const sessionIdOf = (number: number) => `${userIdOf(number)}.${idOf('session', number)}`

  return {
    /** The user of the family with this number. */
    user: (number: number): NewUser => ({
      id: userIdOf(number),
      email: `user${Math.floor(number / sessionsPerUser)}@scale.example`,
      emailVerified: true,
      roles: [],
      claims: {},
      onboarded: false,
      createdAt: startedAt,
      updatedAt: startedAt,
    }),
    session: (number: number): Session => ({
      id: sessionIdOf(number),
      userId: userIdOf(number),
      secretHash: idOf('first half', number) + idOf('second half', number).slice(0, 21),
      authTime: startedAt,
      amr: ['pwd'],
      startedAt,
      lastSeenAt: startedAt,
      expiresAt: after(30),
      families: [{ familyId: idOf('family', number), clientId }],
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0',
      ip: '203.0.113.7',
    }),
    family: (number: number): Family => ({
      id: idOf('family', number),
      clientId,
      userId: userIdOf(number),
      sessionId: sessionIdOf(number),
      startedBy: 'authorization_code',
      scope: ['offline_access'],
      resource: [],
      authTime: startedAt,
      amr: ['pwd'],
      generation: 0,
      salt: idOf('salt', number),
      startedAt,
      rotatedAt: startedAt,
      replays: 0,
      replayRun: 0,
      idleExpiresAt: after(7),
      expiresAt: after(30),
    }),
  }
}

export type Records = ReturnType<typeof createRecords>
