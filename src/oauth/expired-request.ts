/** The parked request is unknown, expired or already answered. The user sees an error page. */
export class ExpiredRequest extends Error {}
