// Builds the three kinds of background work about identities at providers.
import type { Audit } from '../audit.ts'
import type { BackgroundWork } from '../background-work.ts'
import type { Clock } from '../clock.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Users } from '../users/user.ts'
import { createSignalWork } from './apply-signals.ts'
import { type AskConnection, createConnectionChecks } from './connection-checks.ts'
import type { DisconnectRequests } from './disconnect-requests.ts'
import type { Identities } from './identity.ts'
import { createDisconnectRequestWork, type Disconnect } from './send-disconnect-requests.ts'
import type { ProviderSignals } from './signals.ts'

export interface IdentityWork {
  /** Applies the signals of providers. */
  signals: BackgroundWork
  /** Sends disconnect requests to providers. */
  disconnectRequestWork: BackgroundWork
  /** Asks providers whether a connection still exists. */
  checks: BackgroundWork
}

export const createIdentityWork = (deps: {
  clock: Clock
  users: Users
  identities: Identities
  providerSignals: ProviderSignals
  disconnectRequests: DisconnectRequests
  endSessions: EndSessions
  audit: Audit
  /** By the provider's id. */
  disconnects: Readonly<Record<string, Disconnect>>
  /** By the provider's id. Has only the providers that answer without a token of the user. */
  askConnections: Readonly<Record<string, AskConnection>>
  /** Runs before signals are applied. */
  beforeSignals(): Promise<void>
  /** A signal could not be applied, so its sessions are still alive. A later run tries it again. */
  failed(cause: unknown, work: string): void
  /** A request to a provider failed, which happens while the provider is down. A later run tries it again. */
  providerFailed(cause: unknown, work: string): void
}): IdentityWork => ({
  signals: createSignalWork({
    ...deps,
    before: deps.beforeSignals,
    failed: (cause) => deps.failed(cause, 'applying a signal from a provider'),
  }),
  disconnectRequestWork: createDisconnectRequestWork({
    ...deps,
    providers: deps.disconnects,
    failed: (cause) => deps.providerFailed(cause, 'sending a disconnect request to a provider'),
  }),
  checks: createConnectionChecks({
    ...deps,
    providers: deps.askConnections,
    failed: (cause) => deps.providerFailed(cause, 'asking a provider about a connection'),
  }),
})
