// Every port in memory: the models that contract and property tests compare the real stores with, and what makes flow
// tests fast. Nothing outlives the process, and nothing is ever tidied away.
import type { Stores } from '../../../src/stores/stores.ts'
import { memoryApis } from './apis.ts'
import { memoryAuditLog } from './audit-log.ts'
import { memoryClients } from './clients.ts'
import { memoryConsents } from './consents.ts'
import { memoryExpiringStores } from './expiring-stores.ts'
import { memoryIdentities } from './identities.ts'
import { memoryProviderGoodbyes } from './provider-goodbyes.ts'
import { memoryProviderSignals } from './provider-signals.ts'
import { memoryRoles } from './roles.ts'
import { memorySigningKeys } from './signing-keys.ts'
import { memoryUsers } from './users.ts'

export const memoryStores = (): Stores => {
  const roles = memoryRoles()
  const consents = memoryConsents()
  const users = memoryUsers(roles, consents)
  return {
    ...memoryExpiringStores(),
    users,
    identities: memoryIdentities(users),
    roles,
    clients: memoryClients(consents),
    apis: memoryApis(),
    consents,
    signingKeys: memorySigningKeys(),
    auditLog: memoryAuditLog(),
    providerSignals: memoryProviderSignals(),
    providerGoodbyes: memoryProviderGoodbyes(),
  }
}
