// The connections between people and the one app of the fake provider, with the app's codes and tokens.
import { createHash, randomBytes } from 'node:crypto'
import { type Clock, secondsAfter } from '../src/clock.ts'

export interface Grant {
  personId: string
  scopes: readonly string[]
  redirectUri: string
  nonce?: string
  codeChallenge?: string
  /** Only Google uses this: true if the app gets a refresh token. */
  offline: boolean
  /** When the person agreed. */
  at: Date
}

export type Redemption =
  | { outcome: 'redeemed'; grant: Grant }
  /** The code was never issued, was redeemed before, or has expired. */
  | { outcome: 'unknown' }
  | { outcome: 'other_redirect_uri' }
  | { outcome: 'verifier_missing' }
  | { outcome: 'verifier_wrong' }

export interface Tokens {
  accessToken: string
  refreshToken: string
}

export const codeTtlSeconds = 600

const token = (prefix: string): string => `${prefix}${randomBytes(30).toString('base64url')}`

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

export const createGrants = ({
  clock,
  accessTtlSeconds,
  prefixes,
}: {
  clock: Clock
  accessTtlSeconds: number
  prefixes: { code: string; access: string; refresh: string }
}) => {
  /** The granted scopes by person id. */
  const connections = new Map<string, Set<string>>()
  const codes = new Map<string, Grant & { spent: boolean }>()
  const accessTokens = new Map<string, { grant: Grant; expiresAt: Date }>()
  const refreshTokens = new Map<string, Grant>()

  const issueAccessToken = (grant: Grant): string => {
    const accessToken = token(prefixes.access)
    accessTokens.set(accessToken, { grant, expiresAt: secondsAfter(clock.now(), accessTtlSeconds) })
    return accessToken
  }

  return {
    connections,
    connect: (personId: string, scopes: readonly string[]) => {
      connections.set(personId, new Set([...(connections.get(personId) ?? []), ...scopes]))
    },
    /** Deletes the connection with the person's codes and tokens. False if there is no connection. */
    disconnect: (personId: string): boolean => {
      for (const kept of [codes, refreshTokens])
        for (const [value, grant] of kept) if (grant.personId === personId) kept.delete(value)
      for (const [value, { grant }] of accessTokens)
        if (grant.personId === personId) accessTokens.delete(value)
      return connections.delete(personId)
    },
    newCode: (grant: Grant): string => {
      const code = token(prefixes.code)
      codes.set(code, { ...grant, spent: false })
      return code
    },
    /** A refused redemption does not spend the code. */
    redeem: (
      code: string,
      given: { redirectUri?: string; verifier?: string },
      { codeReuse, verifierCheck }: { codeReuse: boolean; verifierCheck: boolean },
    ): Redemption => {
      const grant = codes.get(code)
      if (grant === undefined || clock.now() >= secondsAfter(grant.at, codeTtlSeconds))
        return { outcome: 'unknown' }
      if (grant.spent && !codeReuse) return { outcome: 'unknown' }
      if (given.redirectUri !== undefined && given.redirectUri !== grant.redirectUri)
        return { outcome: 'other_redirect_uri' }
      if (verifierCheck && grant.codeChallenge !== undefined) {
        if (given.verifier === undefined) return { outcome: 'verifier_missing' }
        if (challengeOf(given.verifier) !== grant.codeChallenge) return { outcome: 'verifier_wrong' }
      }
      grant.spent = true
      return { outcome: 'redeemed', grant }
    },
    issue: (grant: Grant): Tokens => {
      const refreshToken = token(prefixes.refresh)
      refreshTokens.set(refreshToken, grant)
      return { accessToken: issueAccessToken(grant), refreshToken }
    },
    /** A new access token, or undefined if the refresh token is not valid. */
    refresh: (refreshToken: string): { accessToken: string; grant: Grant } | undefined => {
      const grant = refreshTokens.get(refreshToken)
      return grant && { accessToken: issueAccessToken(grant), grant }
    },
    /** The grant of an access token and its remaining life, or undefined if the token is not valid. */
    holder: (accessToken: string | undefined): { grant: Grant; expiresInSeconds: number } | undefined => {
      const held = accessTokens.get(accessToken ?? '')
      const left = held ? Math.floor((held.expiresAt.getTime() - clock.now().getTime()) / 1000) : 0
      return held && left > 0 ? { grant: held.grant, expiresInSeconds: left } : undefined
    },
    holderOfRefreshToken: (refreshToken: string): Grant | undefined => refreshTokens.get(refreshToken),
    endAccessToken: (accessToken: string): boolean => accessTokens.delete(accessToken),
  }
}

export type Grants = ReturnType<typeof createGrants>
