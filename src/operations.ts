// Builds the admin operations from the core. Only the command line and the tests use them.
import type { Installation } from './admin/doctor-operations.ts'
import { type AdminOperations, createAdminOperations } from './admin/operations.ts'
import type { Core, CoreParts } from './core.ts'
import { defined } from './defined.ts'
import { createKeyEncryption } from './encryption/sealing.ts'
import { createMailDelivery } from './mail-delivery.ts'
import { isImportable } from './passwords/imported-hash.ts'

export const createOperations = (
  core: Core,
  { config, stores, keyEncryptionKeys, installation }: CoreParts & { installation: Installation },
): AdminOperations => {
  const { smtp, render } = createMailDelivery(config)
  return createAdminOperations({
    ...core,
    stores,
    isImportable,
    installation,
    sendLinks: core.emailFlows?.sendLinks,
    hashPassword: (password) => core.passwords.hash(password, 'known'),
    keyEncryption: createKeyEncryption(keyEncryptionKeys),
    mail: { render, compose: core.composeMail, issuer: config.issuer, ...defined({ smtp }) },
  })
}
