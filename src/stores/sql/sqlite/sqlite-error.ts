/** An error of SQLite, from either thread. */
export class SqliteError extends Error {
  /** Extended result code, for example 2067 for a unique index. 0 if the connection is closed. */
  readonly code: number

  constructor(message: string, code: number) {
    super(message)
    this.name = 'SqliteError'
    this.code = code
  }

  /** The same error of `node:sqlite`. */
  static from(error: unknown): SqliteError {
    if (error instanceof SqliteError) return error
    const message = error instanceof Error ? error.message : String(error)
    return new SqliteError(message, error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0)
  }
}
