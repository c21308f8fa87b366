// Throttles password sign-ins. docs/throttling.md explains the rule and its numbers.
// A known device has a budget of its own. So has a user's known network. Everyone else is a stranger.
import { secondsAfter } from '../clock.ts'
import { hashToken } from '../secrets.ts'
import { largestNetworkOf, networkBudgets, networkOf } from '../throttle/network.ts'
import { type Budget, maxBudgetRecords, type Rate, type Throttle, type Use } from '../throttle/throttle.ts'
import { normalEmail, normalUsername, type User } from '../users/user.ts'
import type { KnownDevice } from './known-device.ts'

export const signInRates = {
  /** One account from one network, or from one known device. */
  place: { burst: 10, refillSeconds: 3600 },
  /** One account from all networks that the account does not know: at most 24 + 36 guesses a day. */
  strangers: { burst: 24, refillSeconds: 2400 },
  /** One account from all its known networks: at most 16 + 24 guesses a day. */
  knownNetworks: { burst: 16, refillSeconds: 3600 },
  /** All accounts from one network. */
  network: { burst: 60, refillSeconds: 30 },
  /** New sessions of one account in browsers, with the right password. */
  browserSessions: { burst: 60, refillSeconds: 600 },
} as const satisfies Record<string, Rate>

export const knownNetworkSeconds = 30 * 86_400

/** A device of this age may start browser sessions without a limit. A thief's new device may not. */
export const trustedDeviceSeconds = 86_400

export interface SignInPlace {
  login: string
  ip: string
  user: User | undefined
  device: KnownDevice | undefined
}

export type Admission =
  | { outcome: 'refused'; reason: string; retryAt: Date }
  | {
      outcome: 'admitted'
      /** True for a known device and a known network. */
      known: boolean
      /** The password was not checked, so the attempt does not count. */
      giveBack(): Promise<void>
      /** The password was right. `user` has the hash that is stored now. */
      succeeded(user: User, now: Date): Promise<void>
    }

export interface SignInThrottle {
  /** Counts one attempt before its password is checked, so that parallel guesses are counted too. */
  admit(place: SignInPlace, now: Date): Promise<Admission>
  /** Counts one new browser session. It keeps a thief from pushing the owner's sessions out of the list. */
  admitBrowserSession(
    user: User,
    device: KnownDevice | undefined,
    now: Date,
  ): Promise<{ outcome: 'admitted' } | { outcome: 'refused'; reason: string; retryAt: Date }>
}

const normalLogin = (login: string): string =>
  login.includes('@') ? normalEmail(login) : normalUsername(login)

/** The e-mail address and the username of one account are one name. */
const accountOf = ({ user, login }: SignInPlace): string =>
  user === undefined ? `name:${hashToken(normalLogin(login))}` : `user:${user.id}`

/**
 * A new password forgets the networks, so a thief of the old password is a stranger again. A name without an
 * account gets a value that is never stored, so that the store does the same work.
 */
const userNetwork = (user: User | undefined, ip: string) => ({
  userId: user?.id ?? 'nobody',
  network: hashToken([user?.id, networkOf(ip), user?.passwordHash].join('.')),
})

const useOf = (place: SignInPlace): Use & { own: Budget } => {
  const { user, ip, device } = place
  const { strangers, knownNetworks, network } = signInRates
  if (device !== undefined) {
    const own = { key: `device:${device.id}`, ...signInRates.place }
    return { own, budgets: [own] }
  }
  const account = accountOf(place)
  const own = { key: `place:${account}:${largestNetworkOf(ip)}`, ...signInRates.place }
  return {
    own,
    budgets: [...networkBudgets('network', ip, network), own, { key: `strangers:${account}`, ...strangers }],
    maxRecords: maxBudgetRecords,
    knownNetwork: {
      ...userNetwork(user, ip),
      budgets: [own, { key: `known-networks:${account}`, ...knownNetworks }],
    },
  }
}

const reasonOf = (spent: Budget | undefined): string => spent?.key.split(':')[0] ?? 'too many records'

export const createSignInThrottle = (throttle: Throttle): SignInThrottle => ({
  admit: async (place, now) => {
    const { own, ...use } = useOf(place)
    const taken = await throttle.take(use, now)
    if (taken.outcome === 'refused')
      return { outcome: 'refused', reason: reasonOf(taken.spent), retryAt: taken.retryAt }
    return {
      outcome: 'admitted',
      known: place.device !== undefined || taken.fromKnownNetwork,
      giveBack: () => throttle.settle({ giveBack: taken.budgets }, now),
      succeeded: (user, at) =>
        throttle.settle(
          {
            giveBack: taken.budgets.filter(({ key }) => key !== own.key),
            reset: [own],
            remember: { ...userNetwork(user, place.ip), until: secondsAfter(at, knownNetworkSeconds) },
          },
          at,
        ),
    }
  },
  admitBrowserSession: async (user, device, now) => {
    if (device && device.issuedAt <= secondsAfter(now, -trustedDeviceSeconds)) return { outcome: 'admitted' }
    const budget = { key: `browser-sessions:${user.id}`, ...signInRates.browserSessions }
    const taken = await throttle.take({ budgets: [budget] }, now)
    if (taken.outcome === 'taken') return { outcome: 'admitted' }
    return { outcome: 'refused', reason: reasonOf(taken.spent), retryAt: taken.retryAt }
  },
})
