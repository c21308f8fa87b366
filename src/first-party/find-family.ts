// Finds the family of a refresh token whose holder wants to end it. It spends nothing.
import type { Clients } from '../clients/client.ts'
import type { Clock } from '../clock.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { RefreshTokenFormat } from '../tokens/refresh-token-format.ts'
import { refuseThirdParty } from './caller.ts'
import type { Ending } from './sign-out.ts'

/** Also takes a refresh token that was used before: a refresh with it would end the family too. */
export type FindFamily = (token: string) => Promise<Ending | undefined>

/** @throws {ProblemError} 403 for the token of a third-party client */
export const createFindFamily =
  (deps: {
    clock: Clock
    clients: Clients
    refreshTokens: RefreshTokens
    refreshTokenFormat: RefreshTokenFormat
  }): FindFamily =>
  async (token) => {
    const parsed = deps.refreshTokenFormat.read(token)
    const family = parsed && (await deps.refreshTokens.find(parsed.familyId))
    if (!family || !deps.refreshTokenFormat.tagMatches(parsed, family)) return undefined
    const now = deps.clock.now()
    // A revoked family counts, so that a client can repeat a request whose answer was lost.
    if (family.expiresAt <= now || family.idleExpiresAt <= now) return undefined
    const client = await deps.clients.find(family.clientId)
    if (client === undefined) return undefined
    refuseThirdParty(client)
    return { familyId: family.id, userId: family.userId, family, client }
  }
