// Sign-ins that are in progress at a provider. The browser carries the attempt as an encrypted cookie, so a
// visitor who never returns stores nothing. An attempt works once, and only in its browser and for its
// provider (RFC 9700 §4.7.1).

import { type Clock, secondsAfter } from '../clock.ts'
import type { RecordSealing } from '../encryption/sealing.ts'
import type { SessionId } from '../ids.ts'
import { hashToken, randomToken } from '../secrets.ts'
import type { UsedOnce } from './used-once.ts'

export interface UpstreamAttempt {
  provider: string
  nonce: string
  codeVerifier: string
  /** The text of the parked request to continue afterwards. */
  requestId?: string
  /** `link`: a user who is signed in adds the provider as a login method. */
  purpose: 'login' | 'link'
  /** The session that asked for `link`. */
  sessionId?: SessionId
  /** The link confirmation that this sign-in should confirm. */
  confirmationId?: string
  /** The language of the page on which the attempt started. */
  lang: 'ko' | 'en'
}

export interface UpstreamAttempts {
  /** `sealed` is the text for the browser's cookie. */
  begin(attempt: Omit<UpstreamAttempt, 'nonce' | 'codeVerifier'>): {
    state: string
    sealed: string
    attempt: UpstreamAttempt
  }
  /** Undefined if the text is forged or was sealed for another `state`. */
  open(state: string, sealed: string): { attempt: UpstreamAttempt; expired: boolean } | undefined
  /** Called when the provider has named the person. 'first' for exactly one of any concurrent calls. */
  use(state: string): Promise<'first' | 'again'>
}

/** Long enough to type a password and a second factor at the provider. */
export const upstreamAttemptTtlSeconds = 600

export const createUpstreamAttempts = (deps: {
  clock: Clock
  usedOnce: UsedOnce
  sealing: RecordSealing
}): UpstreamAttempts => {
  const { clock, usedOnce, sealing } = deps
  const ownerOf = (state: string): string => `attempt:${hashToken(state)}`

  return {
    begin: (facts) => {
      const [state, nonce, codeVerifier] = [randomToken(), randomToken(), randomToken()]
      const attempt = { ...facts, nonce, codeVerifier }
      const expiresAt = secondsAfter(clock.now(), upstreamAttemptTtlSeconds).getTime()
      return { state, attempt, sealed: sealing.seal(ownerOf(state), { attempt, expiresAt }) }
    },
    open: (state, sealed) => {
      const written = sealing.open(ownerOf(state), sealed)
      if (written === undefined) return undefined
      const { attempt, expiresAt } = written as { attempt: UpstreamAttempt; expiresAt: number }
      return { attempt, expired: expiresAt <= clock.now().getTime() }
    },
    use: (state) => {
      const now = clock.now()
      return usedOnce.use(ownerOf(state), now, secondsAfter(now, upstreamAttemptTtlSeconds))
    },
  }
}
