/**
 * One thing that an admin does. Its answer is JSON and holds no secret, but for one that was just made.
 * @throws {AdminError} why it was not done
 * @throws {Unavailable} a store is down or the hash queue is full
 */
export type Operation = (input?: unknown) => Promise<unknown>
