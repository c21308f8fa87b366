// Throttling of guesses: one counter per account, device, network or client, and a delay that grows.
// It counts an attempt before the check, so that parallel guesses are counted too. It never locks an account.

export interface ThrottlePolicy {
  /** The number of attempts without a delay. */
  free: number
  /** The delay after the last free attempt. It doubles with each further attempt. */
  baseDelaySeconds: number
  maxDelaySeconds: number
  /** The counter starts again at 0 when this time has passed after the last delay. */
  forgetAfterSeconds: number
}

export type Attempt = { allowed: true } | { allowed: false; retryAt: Date }

export interface AttemptCount {
  count: number
  nextAllowedAt: Date
  expiresAt: Date
}

export interface LoginAttempts {
  /** Counts one attempt if no delay is active. Exactly `free` of 100 concurrent first calls are allowed. */
  attempt(key: string, policy: ThrottlePolicy, now: Date): Promise<Attempt>
  /** Sets the counter to 0 after a correct password. */
  reset(key: string): Promise<void>
  /**
   * Takes back one counted attempt and ends the delay. The count never falls below 0.
   * For counters that several users share, and for attempts that checked nothing.
   */
  undo(key: string): Promise<void>
}

/** The delay in seconds after attempt number `count`. It is 0 while attempts are free, then it doubles. */
export const delayAfter = (
  count: number,
  { free, baseDelaySeconds, maxDelaySeconds }: ThrottlePolicy,
): number =>
  count < free ? 0 : Math.min(maxDelaySeconds, baseDelaySeconds * 2 ** Math.min(count - free, 30))

/**
 * Decides one attempt. `next` is the new counter, and absent if the attempt is not allowed. The SQL store
 * calls it. The Redis script implements the same rule, and the contract tests run against both.
 */
export const decideAttempt = (
  stored: AttemptCount | undefined,
  policy: ThrottlePolicy,
  now: Date,
): { attempt: Attempt; next?: AttemptCount } => {
  const current = stored && now < stored.expiresAt ? stored : undefined
  // Free attempts ignore `nextAllowedAt`, because the clocks of instances differ.
  if (current && current.count >= policy.free && now < current.nextAllowedAt)
    return { attempt: { allowed: false, retryAt: current.nextAllowedAt } }
  const count = (current?.count ?? 0) + 1
  const nextAllowedAt = new Date(now.getTime() + delayAfter(count, policy) * 1000)
  return {
    attempt: { allowed: true },
    next: {
      count,
      nextAllowedAt,
      expiresAt: new Date(nextAllowedAt.getTime() + policy.forgetAfterSeconds * 1000),
    },
  }
}

/** The value of `Retry-After`: whole seconds until the next attempt, at least 1 (RFC 9110 §10.2.3). */
export const retryAfterSeconds = ({ retryAt }: { retryAt: Date }, now: Date): number =>
  Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1000))
