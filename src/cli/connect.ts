// Opens the stores in this process, beside a running server or without one, and calls the operations.
import type { AdminOperations, AnswerOf, OperationName } from '../admin/operations.ts'
import type { Audit } from '../audit.ts'
import type { Config } from '../config.ts'
import { adminName } from './admin-name.ts'
import type { Terminal } from './terminal.ts'

/** Input and answer follow from the name of the operation. */
export type CallOperation = <Name extends OperationName>(
  operation: Name,
  ...input: Parameters<AdminOperations[Name]>
) => Promise<AnswerOf<Name>>

export interface Connection {
  call: CallOperation
  /** @throws {AdminError} if the server keeps the sessions in a different kind of store */
  requireSessionStoreOfServer(): Promise<void>
  close(): Promise<void>
}

/** @throws {Error} with a sentence for the operator if the stores cannot be opened */
export const connect = async (config: Config, { env, stderr }: Terminal): Promise<Connection> => {
  // Imported only here, because `dojang --help` does not need them. The HTTP server is never loaded.
  const [{ createCore }, { openInstallation }, { createOperations }, { requireSessionStoreOfServer }] =
    await Promise.all([
      import('../core.ts'),
      import('../open-installation.ts'),
      import('../operations.ts'),
      import('../admin/session-store-findings.ts'),
    ])
  const opened = await openInstallation(config, {
    // Standard output holds only the answer.
    logTo: { write: (line) => void stderr.write(line) },
  })
  const core = createCore(opened)
  const admin = adminName(env)
  const audit: Audit = (event) => core.audit(event.actor === 'admin' ? { ...event, admin } : event)
  const operations = createOperations({ ...core, audit }, opened)
  return {
    // Through JSON, because `--json` prints the same: dates are text, and undefined members are absent.
    call: async <Name extends OperationName>(
      operation: Name,
      ...[input]: Parameters<AdminOperations[Name]>
    ): Promise<AnswerOf<Name>> => {
      const run = operations[operation] as (input: unknown) => Promise<AnswerOf<Name>>
      return JSON.parse(JSON.stringify(await run(input)))
    },
    requireSessionStoreOfServer: () => requireSessionStoreOfServer(opened.installation.sessionStore),
    close: () => core.auditTrail.flush().finally(opened.closeStores),
  }
}
