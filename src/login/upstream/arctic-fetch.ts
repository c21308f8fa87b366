// Gives arctic a guarded fetch, because arctic calls the global fetch without a timeout or a size limit.
// Importing this file replaces `globalThis.fetch`. Only calls inside `through` change
// (docs/decisions/0027-arctic.md).
import { AsyncLocalStorage } from 'node:async_hooks'
import type { GuardedFetch } from './guarded-fetch.ts'

const guardedFetches = new AsyncLocalStorage<GuardedFetch | undefined>()
const plainFetch = globalThis.fetch

globalThis.fetch = (input, init) => {
  const guarded = guardedFetches.getStore()
  // The guarded fetch calls the global fetch too. That call must reach the plain one.
  return guarded === undefined
    ? plainFetch(input, init)
    : guardedFetches.run(undefined, () => guarded(input as string | URL | Request, init))
}

/** Runs `call` with `fetch` in place of the global fetch. */
export const through = <Result>(fetch: GuardedFetch, call: () => Promise<Result>): Promise<Result> =>
  guardedFetches.run(fetch, call)
