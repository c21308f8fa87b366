// What a provider remembers of the one app it knows: who is connected to it with which scopes, the codes on their way,
// the tokens that live.
import { createHash, randomBytes } from 'node:crypto'
import { type Clock, secondsAfter } from '../src/clock.ts'

export interface Grant {
  personId: string
  scopes: readonly string[]
  redirectUri: string
  nonce?: string
  codeChallenge?: string
  /** Google: is there to be a refresh token? */
  offline: boolean
  at: Date
}

export type Redeemed =
  | { outcome: 'redeemed'; grant: Grant }
  /** Never given out, spent, or too old. */
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

export const grantsOf = ({
  clock,
  accessTtlSeconds,
  prefixes,
}: {
  clock: Clock
  accessTtlSeconds: number
  prefixes: { code: string; access: string; refresh: string }
}) => {
  /** Person to scopes. */
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
    /** The person's tokens and codes die with the connection. */
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
    /** A refused attempt spends nothing. */
    redeem: (
      code: string,
      given: { redirectUri?: string; verifier?: string },
      { codeReuse, verifierCheck }: { codeReuse: boolean; verifierCheck: boolean },
    ): Redeemed => {
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
    /** A new access token, or undefined for a refresh token that is not alive. */
    refresh: (refreshToken: string): { accessToken: string; grant: Grant } | undefined => {
      const grant = refreshTokens.get(refreshToken)
      return grant && { accessToken: issueAccessToken(grant), grant }
    },
    /** Whose access token it is, and until when; undefined if it is not alive. */
    holder: (accessToken: string | undefined): { grant: Grant; expiresInSeconds: number } | undefined => {
      const held = accessTokens.get(accessToken ?? '')
      const left = held ? Math.floor((held.expiresAt.getTime() - clock.now().getTime()) / 1000) : 0
      return held && left > 0 ? { grant: held.grant, expiresInSeconds: left } : undefined
    },
    holderOfRefreshToken: (refreshToken: string): Grant | undefined => refreshTokens.get(refreshToken),
    endAccessToken: (accessToken: string): boolean => accessTokens.delete(accessToken),
  }
}

export type Grants = ReturnType<typeof grantsOf>
