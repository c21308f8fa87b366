// People and attackers who sign in with passwords for simulated weeks. Only the throttle is real: its rule,
// its numbers and its store in memory. A test counts who is refused.
import { secondsAfter } from '../../src/clock.ts'
import { createKnownDevices } from '../../src/passwords/known-device.ts'
import { createSignInThrottle } from '../../src/passwords/sign-in-throttle.ts'
import { newUserId, type User } from '../../src/users/user.ts'
import { memoryThrottle } from './memory/throttle.ts'

const start = new Date('2026-03-02T00:00:00Z')

/** Random numbers that are the same in every run (mulberry32). */
export const randomNumbers = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Person {
  user: User
  /** The mark of the person's device, if the app keeps it. */
  mark?: string | undefined
}

export const aPerson = (): Person => ({
  user: {
    id: newUserId(),
    email: 'person@example.com',
    emailVerified: true,
    passwordHash: 'a hash',
    roles: [],
    scopes: [],
    claims: {},
    onboarded: true,
    createdAt: start,
    updatedAt: start,
  },
})

export interface Try {
  ip: string
  /** Seconds since the start. */
  at: number
}

/** `n` as an IPv4 address. Different numbers below 2^24 are different networks. */
export const address = (n: number, first = 10): string =>
  `${first}.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`

export const signInModel = () => {
  const times = new Map<string, Date>()
  const throttle = createSignInThrottle(memoryThrottle(times))
  const devices = createKnownDevices([new Uint8Array(32)])

  const attempt = async (person: Person | undefined, login: string, { ip, at }: Try, isRight: boolean) => {
    const now = secondsAfter(start, at)
    const device = devices.find(person?.mark, person?.user, now)
    const admission = await throttle.admit({ login, ip, user: person?.user, device }, now)
    if (admission.outcome === 'refused') return admission
    if (isRight && person) await admission.succeeded(person.user, now)
    return admission
  }

  return {
    /** The right password. True if the person gets in. */
    signIn: async (person: Person, where: Try): Promise<boolean> =>
      (await attempt(person, 'person@example.com', where, true)).outcome === 'admitted',
    /** A wrong password. True if it is compared, so that it counts as a guess. */
    guess: async (person: Person | string, where: Try): Promise<boolean> => {
      const known = typeof person === 'string' ? undefined : person
      const login = typeof person === 'string' ? person : 'person@example.com'
      return (await attempt(known, login, where, false)).outcome === 'admitted'
    },
    /** The seconds until the server takes another guess. 0 if it takes this one. */
    wait: async (person: Person, where: Try): Promise<number> => {
      const answer = await attempt(person, 'person@example.com', where, false)
      return answer.outcome === 'admitted'
        ? 0
        : (answer.retryAt.getTime() - start.getTime()) / 1000 - where.at
    },
    markOf: ({ user }: Person, at: number): string => devices.mark(user, secondsAfter(start, at)),
    /** The number of records that are needed at this time. */
    records: (at: number): number =>
      [...times.values()].filter((fullAt) => fullAt > secondsAfter(start, at)).length,
  }
}

export type SignInModel = ReturnType<typeof signInModel>
