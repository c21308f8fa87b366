// Which kind of store keeps the sessions. The database remembers it, so that no command uses another one.

/** Where sessions, refresh tokens and the blacklist are. */
export type SessionStore = 'database' | 'redis'

/** Always in the database, which all processes of an installation have in common. */
export interface RememberedSessionStore {
  /** The store of the server that started last. Undefined before the first start. @throws {Unavailable} */
  read(): Promise<SessionStore | undefined>
  /** @throws {Unavailable} */
  write(store: SessionStore): Promise<void>
}
