// The error for a dependency that is down or a queue that is full.

/**
 * A dependency of this request is down or full. The edges answer 503 with `Retry-After`, so that the client
 * retries. The message is `<what> is unavailable`.
 */
export class Unavailable extends Error {
  readonly retryAfterSeconds: number

  constructor(what: string, options: { cause?: unknown; retryAfterSeconds?: number } = {}) {
    super(`${what} is unavailable`, { cause: options.cause })
    this.retryAfterSeconds = options.retryAfterSeconds ?? 2
  }
}
