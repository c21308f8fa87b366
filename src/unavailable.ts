/** Something that this request needs is down or full. Answered 503 with Retry-After; nothing was changed or spent. */
export class Unavailable extends Error {
  readonly retryAfterSeconds: number

  constructor(what: string, options: { cause?: unknown; retryAfterSeconds?: number } = {}) {
    super(`${what} is unavailable`, { cause: options.cause })
    this.retryAfterSeconds = options.retryAfterSeconds ?? 2
  }
}
