// Every port in memory. Contract tests compare the real stores with these models, and flow tests run on them.
// Expired records are never deleted.
import { createAnnouncer, type Topic } from '../../../src/changes.ts'
import type { DisconnectRequests } from '../../../src/identities/disconnect-requests.ts'
import type { Identities } from '../../../src/identities/identity.ts'
import type { Stores } from '../../../src/stores/stores.ts'
import type { Users } from '../../../src/users/user.ts'
import { memoryApis } from './apis.ts'
import { memoryAuditLog } from './audit-log.ts'
import { memoryClients } from './clients.ts'
import { memoryConsents } from './consents.ts'
import { memoryDisconnectRequests } from './disconnect-requests.ts'
import { memoryEmailLinks } from './email-links.ts'
import { memoryExpiringStores } from './expiring-stores.ts'
import { memoryIdentities } from './identities.ts'
import { memoryKnownVerifiers } from './known-verifiers.ts'
import { memoryMailQueue } from './mail-queue.ts'
import { memoryProviderSignals } from './provider-signals.ts'
import { memoryRoles } from './roles.ts'
import { memorySigningKeys } from './signing-keys.ts'
import { memoryUsers } from './users.ts'

/** Deleting a user enqueues a disconnect request for each of the user's identities. */
const withDisconnectRequests = (
  users: Users,
  identities: Identities,
  requests: DisconnectRequests,
): Users => ({
  ...users,
  delete: async (id, now, mails) => {
    const connected = await identities.listOfUser(id)
    if (!(await users.delete(id, now, mails))) return false
    for (const { provider, subject, encryptedToken } of connected)
      await requests.enqueue({
        provider,
        subject,
        requestedAt: now,
        ...(encryptedToken !== undefined && { encryptedToken }),
      })
    return true
  },
})

export const memoryStores = (): Stores => {
  const { subscribe, announce } = createAnnouncer()
  /** Announces the topic before each write is answered. */
  const announced = <Port extends object>(topic: Topic, port: Port): Port => {
    const calls = Object.entries(port).map(([name, call]) => {
      const write = async (...args: unknown[]) => {
        const outcome = await call(...args)
        await announce(topic).catch(() => {})
        return outcome
      }
      return [name, /^(find|list)/.test(name) ? call : write]
    })
    return Object.fromEntries(calls)
  }
  const roles = memoryRoles()
  const consents = memoryConsents()
  const mailQueue = memoryMailQueue()
  const users = memoryUsers(roles, consents, mailQueue)
  const identities = memoryIdentities(users, consents, mailQueue)
  const disconnectRequests = memoryDisconnectRequests()
  return {
    ...memoryExpiringStores(),
    users: withDisconnectRequests(users, identities, disconnectRequests),
    identities,
    roles,
    clients: announced('clients', memoryClients(consents)),
    apis: announced('apis', memoryApis()),
    consents,
    signingKeys: announced('keys', memorySigningKeys()),
    knownVerifiers: memoryKnownVerifiers(),
    auditLog: memoryAuditLog(),
    providerSignals: memoryProviderSignals(),
    disconnectRequests,
    mailQueue,
    emailLinks: memoryEmailLinks({ users, identities, consents, mailQueue }),
    changes: { subscribe },
  }
}
