// The state that all fake providers share: one registered app, the people, and their connections to the app.
import { type Clock, systemClock } from '../src/clock.ts'
import type { Account } from './authorize.ts'
import { createGrants } from './grants.ts'
import type { Look } from './pages.ts'
import type { Call } from './provider-server.ts'

/** The app that the test or the demo registers at the fake. */
export interface ProviderOptions<Person> {
  clientId: string
  clientSecret: string
  /** The app's name on the consent page. */
  appName?: string
  /** If absent, the fake accepts every redirect URI. */
  redirectUris?: readonly string[]
  people?: Person[]
  clock?: Clock
  port?: number
}

/** The members that every fake gives to tests. */
export interface FakeProvider<Person, Knobs> {
  origin: string
  people: Person[]
  /** A test changes these to make the provider behave differently. */
  knobs: Knobs
  /** All requests so far. */
  requests: Call[]
  /** Ids of the people who are connected to the app. */
  connected(): string[]
  close(): Promise<void>
}

export const createProviderState = <Person>(
  options: ProviderOptions<Person>,
  rules: {
    look: Omit<Look, 'app'>
    /** The people of a fake that was started without any. */
    people(): Person[]
    accountOf(person: Person): Account
    accessTtlSeconds: number
    prefixes: { code: string; access: string; refresh: string }
  },
) => {
  const { clientId, clientSecret, redirectUris, clock = systemClock, appName = '도장' } = options
  const { accountOf, accessTtlSeconds, prefixes } = rules
  const people = options.people ?? rules.people()
  const requests: Call[] = []
  return {
    clientId,
    clientSecret,
    redirectUris,
    clock,
    people,
    requests,
    look: { ...rules.look, app: appName },
    grants: createGrants({ clock, accessTtlSeconds, prefixes }),
    accounts: () => people.map(accountOf),
    personOf: (id: string) => people.find((person) => accountOf(person).id === id),
  }
}
