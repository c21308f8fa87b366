/** True for a lock that another connection holds. The low byte of an extended code is the primary code. */
export const isBusyCode = (code: number): boolean => (code & 0xff) === 5

/** An error of SQLite, from either thread. */
export class SqliteError extends Error {
  /** Extended result code, for example 2067 for a unique index. 0 if the connection is closed. */
  readonly code: number

  constructor(message: string, code: number) {
    super(message)
    this.name = 'SqliteError'
    this.code = code
  }

  /** An error of `node:sqlite` as a SqliteError. Other errors stay as they are. */
  static from(error: unknown): Error {
    if (!(error instanceof Error)) return new Error(String(error))
    return 'errcode' in error ? new SqliteError(error.message, Number(error.errcode)) : error
  }
}
