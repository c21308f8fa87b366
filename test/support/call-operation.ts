// Calls an operation with an input that the compiler has not checked, as it may come from a file of an admin.
import type { AdminOperations, OperationName } from '../../src/admin/operations.ts'

export const callOperation = (
  operations: AdminOperations,
  name: OperationName,
  input?: unknown,
): Promise<unknown> => (operations[name] as (input: unknown) => Promise<unknown>)(input)
