// arctic calls the global fetch, with constant addresses, no timeout and no limit. Inside `through` it gets ours instead;
// everybody else's fetch stays as it is. The one reason for this file is arctic (docs/decisions/0027-arctic.md).
import { AsyncLocalStorage } from 'node:async_hooks'
import type { GuardedFetch } from './guarded-fetch.ts'

const inPlace = new AsyncLocalStorage<GuardedFetch | undefined>()
const plainFetch = globalThis.fetch

globalThis.fetch = (input, init) => {
  const guarded = inPlace.getStore()
  // The guarded one itself ends in the plain one.
  return guarded === undefined
    ? plainFetch(input, init)
    : inPlace.run(undefined, () => guarded(input as string | URL | Request, init))
}

export const through = <Result>(fetch: GuardedFetch, call: () => Promise<Result>): Promise<Result> =>
  inPlace.run(fetch, call)
