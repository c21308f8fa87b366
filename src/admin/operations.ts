// The operations behind the command line: a plain table of names, one file per noun. Knows no transport; socket.ts serves
// it beside a running server, and cli/ calls it in its own process. Inputs are checked by hand, answers are plain JSON.

import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { KeyEncryption } from '../encryption/sealing.ts'
import type { PasswordFaults } from '../passwords/policy.ts'
import type { SessionEnding } from '../sessions/end.ts'
import type { Stores } from '../stores/stores.ts'
import { apiOperations } from './api-operations.ts'
import { auditOperations } from './audit-operations.ts'
import { clientOperations } from './client-operations.ts'
import { doctorOperations, type Installation } from './doctor-operations.ts'
import { keyOperations } from './key-operations.ts'
import type { Operation } from './operation.ts'
import { roleOperations } from './role-operations.ts'
import { sessionOperations } from './session-operations.ts'
import { userOperations } from './user-operations.ts'
import { verifierOperations } from './verifier-operations.ts'

export interface AdminOperationsDeps {
  clock: Clock
  stores: Stores
  audit: Audit
  /** Waits until what was reported is in the audit log. */
  flushAudit(): Promise<void>
  ending: SessionEnding
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

export type AdminOperations = ReturnType<typeof adminOperations>
export type OperationName = keyof AdminOperations

export const adminOperations = (deps: AdminOperationsDeps) => {
  const { clock, stores, audit, ending, defaultAudience } = deps
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
    ...userOperations({
      clock,
      audit,
      stores,
      ending,
      hashPassword,
      passwordFaults,
      minPasswordLength,
      isImportable,
    }),
    ...roleOperations({ roles, audit }),
    ...apiOperations({ apis, audit, clock }),
    ...clientOperations({ clock, audit, clients, apis, blacklist, defaultAudience }),
    ...keyOperations({
      clock,
      audit,
      signingKeys,
      knownVerifiers,
      blacklist,
      ...keyEncryption,
      reloadKeys: deps.reloadKeys,
      ...(modulusLength !== undefined && { modulusLength }),
    }),
    ...verifierOperations({ clock, knownVerifiers, signingKeys }),
    ...sessionOperations({ clock, audit, stores, ending }),
    ...auditOperations({ auditLog, users, flush: deps.flushAudit }),
    ...doctorOperations({ clock, signingKeys, knownVerifiers, decrypt: keyEncryption.decrypt, installation }),
  } satisfies Record<string, Operation>
}
