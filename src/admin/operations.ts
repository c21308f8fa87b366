// The operations behind the command line, in one table, with one file per noun. Answers are plain JSON.
// The command line calls them in its own process.

import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { defined } from '../defined.ts'
import type { SendLinks } from '../email-links/send-links.ts'
import type { KeyEncryption } from '../encryption/sealing.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { CheckNewPassword } from '../passwords/policy.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Stores } from '../stores/stores.ts'
import { type ApiOperations, createApiOperations } from './api-operations.ts'
import { type AuditOperations, createAuditOperations } from './audit-operations.ts'
import { type BackupOperations, createBackupOperations } from './backup-operations.ts'
import { type ClientOperations, createClientOperations } from './client-operations.ts'
import { createDoctorOperations, type DoctorOperations, type Installation } from './doctor-operations.ts'
import { createKeyOperations, type KeyOperations } from './key-operations.ts'
import { type AdminMail, createMailOperations, type MailOperations } from './mail-operations.ts'
import { createMoveOperations, type MoveOperations } from './move-operations.ts'
import { createRoleOperations, type RoleOperations } from './role-operations.ts'
import { createSessionOperations, type SessionOperations } from './session-operations.ts'
import { createUserEmailOperations, type UserEmailOperations } from './user-email-operations.ts'
import { createUserOperations, type UserOperations } from './user-operations.ts'
import { createVerifierOperations, type VerifierOperations } from './verifier-operations.ts'

export interface AdminOperationsDeps {
  clock: Clock
  stores: Stores
  audit: Audit
  endSessions: EndSessions
  composeNotice: ComposeNotice
  /** Undefined if this installation sends no mail. */
  sendLinks: SendLinks | undefined
  hashPassword(password: string): Promise<string>
  checkNewPassword: CheckNewPassword
  minPasswordLength: number
  /** True if a login can check this stored hash (passwords/imported-hash.ts). */
  isImportable(hash: string): boolean
  /** The audience of a request without `resource`. It need not be registered. */
  defaultAudience: string
  keyEncryption: KeyEncryption
  absoluteTtlSeconds: number
  modulusLength?: number
  /** What `doctor` and `migrate` need besides the stores. */
  installation: Installation
  /** What the operations on mails need besides the queue. */
  mail: AdminMail
}

/** Every operation by its name, with its input and its answer. The command line infers both from here. */
export interface AdminOperations
  extends UserOperations,
    UserEmailOperations,
    RoleOperations,
    ApiOperations,
    ClientOperations,
    KeyOperations,
    VerifierOperations,
    SessionOperations,
    AuditOperations,
    MailOperations,
    DoctorOperations,
    BackupOperations,
    MoveOperations {}

export type OperationName = keyof AdminOperations

export type AnswerOf<Name extends OperationName> = Awaited<ReturnType<AdminOperations[Name]>>

export const createAdminOperations = (deps: AdminOperationsDeps): AdminOperations => {
  const { clock, stores, audit, endSessions, defaultAudience, installation, mail } = deps
  const { users, roles, apis, clients, signingKeys, knownVerifiers, auditLog, blacklist, mailQueue } = stores
  const { encrypt, decrypt } = deps.keyEncryption
  return {
    ...createUserOperations(deps),
    ...createUserEmailOperations({ clock, audit, users, sendLinks: deps.sendLinks }),
    ...createRoleOperations({ roles, audit }),
    ...createApiOperations({ apis, audit, clock }),
    ...createClientOperations({ clock, audit, clients, apis, roles, blacklist, defaultAudience }),
    ...createKeyOperations({
      clock,
      audit,
      signingKeys,
      knownVerifiers,
      blacklist,
      encrypt,
      decrypt,
      ...defined({ modulusLength: deps.modulusLength }),
    }),
    ...createVerifierOperations({ clock, knownVerifiers, signingKeys }),
    ...createSessionOperations({ clock, audit, stores, endSessions }),
    ...createAuditOperations({ auditLog, users }),
    ...createMailOperations({ clock, audit, mailQueue, mail }),
    ...createDoctorOperations({ ...deps, signingKeys, knownVerifiers, mailQueue }),
    ...createBackupOperations({ copyTo: installation.database.copyTo }),
    ...createMoveOperations(installation.database),
  }
}
