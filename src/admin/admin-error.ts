/** Why an operation was not done: a code for programs, a sentence for the admin, and never a secret. */
export class AdminError extends Error {
  readonly code: AdminErrorCode
  /** The member of the input that is wrong. The message quotes it, and the command line names its option. */
  readonly member: string | undefined

  constructor(code: AdminErrorCode, message: string, member?: string) {
    super(message)
    this.code = code
    this.member = member
  }
}

/** `invalid`: the input is wrong. `refused`: the operation is not allowed now, or only with `--force`. */
export type AdminErrorCode = 'invalid' | 'not_found' | 'exists' | 'refused'

export const invalid = (message: string, member?: string): AdminError =>
  new AdminError('invalid', message, member)
export const notFound = (message: string, member?: string): AdminError =>
  new AdminError('not_found', message, member)
export const alreadyExists = (message: string): AdminError => new AdminError('exists', message)
export const refused = (message: string): AdminError => new AdminError('refused', message)
