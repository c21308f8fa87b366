// Implements the ports with which identities/ calls providers. Decrypts the stored token for the call.

import type { TextEncryption } from '../../encryption/sealing.ts'
import type { AskConnection } from '../../identities/connection-checks.ts'
import type { Disconnect } from '../../identities/send-disconnect-requests.ts'
import type { UpstreamProvider } from './provider.ts'

/** The encryption binds a provider's token to this value, so no other identity can use the token. */
export const tokenOwner = (provider: string, subject: string): string => `${provider}:${subject}`

/** Keyed by the provider's id. */
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

/** Keyed by the provider's id. Contains only the providers that answer without the user. */
export const askConnectionsOf = (
  providers: readonly UpstreamProvider[],
): Readonly<Record<string, AskConnection>> =>
  Object.fromEntries(providers.flatMap(({ id, isConnected }) => (isConnected ? [[id, { isConnected }]] : [])))
