// Throttling of guesses: a counter per account, device, network or client, with a delay that grows. Never a hard lock.
// Counting comes before checking, so that parallel guesses cannot outrun it.

export interface ThrottlePolicy {
  /** Attempts that cost no delay. */
  free: number
  baseDelaySeconds: number
  maxDelaySeconds: number
  /** The counter starts anew after this long without an attempt. */
  forgetAfterSeconds: number
}

export type Attempt = { allowed: true } | { allowed: false; retryAt: Date }

export interface AttemptCount {
  count: number
  nextAllowedAt: Date
  expiresAt: Date
}

export interface LoginAttempts {
  /** Counts one attempt under `key` if its delay is over. Of 100 concurrent first calls exactly `free` are allowed. */
  attempt(key: string, policy: ThrottlePolicy, now: Date): Promise<Attempt>
  /** The right password was given: the counter starts anew. */
  reset(key: string): Promise<void>
  /** One counted attempt was honest: the count is one less (never below 0) and its delay is gone. For keys that many people share. */
  undo(key: string): Promise<void>
}

/** The delay after the attempt numbered `count`: none while free, then doubling up to the cap. */
export const delayAfter = (
  count: number,
  { free, baseDelaySeconds, maxDelaySeconds }: ThrottlePolicy,
): number =>
  count < free ? 0 : Math.min(maxDelaySeconds, baseDelaySeconds * 2 ** Math.min(count - free, 30))

/** The rule, for stores that can hold the counter still, and the model of those that cannot. */
export const decideAttempt = (
  stored: AttemptCount | undefined,
  policy: ThrottlePolicy,
  now: Date,
): { attempt: Attempt; next?: AttemptCount } => {
  const current = stored && now < stored.expiresAt ? stored : undefined
  // Nobody waits while attempts are free: clocks of instances differ, and requests overtake each other.
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

/** Whole seconds until the next attempt, at least one: the value of Retry-After (RFC 9110 §10.2.3). */
export const retryAfterSeconds = ({ retryAt }: { retryAt: Date }, now: Date): number =>
  Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1000))
