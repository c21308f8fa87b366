// Ends connections at providers for users/goodbyes.ts: opens the sealed token, and lets the provider's file do the rest.

import type { TextEncryption } from '../../encryption/sealing.ts'
import type { AskConnection } from '../../identities/connection-checks.ts'
import type { Disconnect } from '../../identities/send-disconnect-requests.ts'
import type { UpstreamProvider } from './provider.ts'

/** What a provider's token is sealed under: it opens for no other identity. */
export const tokenOwner = (provider: string, subject: string): string => `${provider}:${subject}`

/** By the provider's id. */
export const createDisconnects = (
  providers: readonly UpstreamProvider[],
  tokenEncryption: TextEncryption,
): Readonly<Record<string, Disconnect>> =>
  Object.fromEntries(
    providers.map((provider) => [
      provider.id,
      {
        endConnection: async ({ subject, encryptedToken }) => {
          const refreshToken =
            encryptedToken && tokenEncryption.decrypt(tokenOwner(provider.id, subject), encryptedToken)
          return provider.endConnection({ subject, ...(refreshToken && { refreshToken }) })
        },
      } satisfies Disconnect,
    ]),
  )

/** By the provider's id; only the providers that can be asked without the user. */
export const askConnectionsOf = (
  providers: readonly UpstreamProvider[],
): Readonly<Record<string, AskConnection>> =>
  Object.fromEntries(providers.flatMap(({ id, isConnected }) => (isConnected ? [[id, { isConnected }]] : [])))
