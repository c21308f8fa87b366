/** The parked request is finished, expired or was never ours: the person sees a page with a way on. */
export class ExpiredRequest extends Error {}
