// The operations behind the command line: a plain table of names, one file per noun. Knows no transport; socket.ts serves
// it beside a running server, and cli/ calls it in its own process. Inputs are checked by hand, answers are plain JSON.

import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { KeyEncryption } from '../encryption/sealing.ts'
import type { PasswordFaults } from '../passwords/policy.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Stores } from '../stores/stores.ts'
import { createApiOperations } from './api-operations.ts'
import { createAuditOperations } from './audit-operations.ts'
import { createClientOperations } from './client-operations.ts'
import { createDoctorOperations, type Installation } from './doctor-operations.ts'
import { createKeyOperations } from './key-operations.ts'
import type { Operation } from './operation.ts'
import { createRoleOperations } from './role-operations.ts'
import { createSessionOperations } from './session-operations.ts'
import { createUserOperations } from './user-operations.ts'
import { createVerifierOperations } from './verifier-operations.ts'

export interface AdminOperationsDeps {
  clock: Clock
  stores: Stores
  audit: Audit
  /** Waits until what was reported is in the audit log. */
  flushAudit(): Promise<void>
  endSessions: EndSessions
  hashPassword(password: string): Promise<string>
  passwordFaults: PasswordFaults
  minPasswordLength: number
  /** Can a login check this stored hash? (login/imported-hash.ts) */
  isImportable(hash: string): boolean
  /** Used when a request names no `resource`; need not be registered. */
  defaultAudience: string
  keyEncryption: KeyEncryption
  modulusLength?: number
  /** The running issuer reads its signing keys again. */
  reloadKeys(): Promise<void>
  /** What `doctor` and `migrate` look at besides the records. */
  installation: Installation
}

export type AdminOperations = ReturnType<typeof createAdminOperations>
export type OperationName = keyof AdminOperations

export const createAdminOperations = (deps: AdminOperationsDeps) => {
  const { clock, stores, audit, endSessions, defaultAudience } = deps
  const { users, roles, apis, clients, signingKeys, knownVerifiers, auditLog, blacklist } = stores
  const {
    hashPassword,
    passwordFaults,
    minPasswordLength,
    isImportable,
    installation,
    keyEncryption,
    modulusLength,
  } = deps
  return {
    ...createUserOperations({
      clock,
      audit,
      stores,
      endSessions,
      hashPassword,
      passwordFaults,
      minPasswordLength,
      isImportable,
    }),
    ...createRoleOperations({ roles, audit }),
    ...createApiOperations({ apis, audit, clock }),
    ...createClientOperations({ clock, audit, clients, apis, blacklist, defaultAudience }),
    ...createKeyOperations({
      clock,
      audit,
      signingKeys,
      knownVerifiers,
      blacklist,
      ...keyEncryption,
      reloadKeys: deps.reloadKeys,
      ...(modulusLength !== undefined && { modulusLength }),
    }),
    ...createVerifierOperations({ clock, knownVerifiers, signingKeys }),
    ...createSessionOperations({ clock, audit, stores, endSessions }),
    ...createAuditOperations({ auditLog, users, flush: deps.flushAudit }),
    ...createDoctorOperations({
      clock,
      signingKeys,
      knownVerifiers,
      decrypt: keyEncryption.decrypt,
      installation,
    }),
  } satisfies Record<string, Operation>
}
