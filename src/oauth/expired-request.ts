/** The parked request is forged, expired or already answered. The user sees an error page. */
export class ExpiredRequest extends Error {}
