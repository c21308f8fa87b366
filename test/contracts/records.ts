// Records for the contracts of the stores. Every id is random, because tests share a store.
import type { Api } from '../../src/clients/api.ts'
import type { Client } from '../../src/clients/client.ts'
import { secondsAfter } from '../../src/clock.ts'
import type { SigningKey } from '../../src/keys/signing-keys.ts'
import { hashToken, randomToken } from '../../src/secrets.ts'
import { type Family, newFamilyId, type RefreshAttempt } from '../../src/sessions/family.ts'
import type { LinkConfirmation } from '../../src/sessions/link-confirmation.ts'
import { newSessionId, type Session } from '../../src/sessions/session.ts'
import type { AuthorizationCode } from '../../src/tokens/authorization-code.ts'
import { type NewUser, newUserId } from '../../src/users/user.ts'

/** The start has milliseconds, because every store must keep them. */
export const start = new Date('2026-03-01T09:00:00.123Z')

export const at = (seconds: number): Date => secondsAfter(start, seconds)

export const aUser = (facts: Partial<NewUser> = {}): NewUser => ({
  id: newUserId(),
  emailVerified: false,
  roles: [],
  claims: {},
  onboarded: false,
  createdAt: start,
  updatedAt: start,
  ...facts,
})

export const aSession = (facts: Partial<Session> = {}): Session => {
  const userId = facts.userId ?? newUserId()
  return {
    id: newSessionId(userId),
    userId,
    authTime: start,
    amr: ['pwd'],
    startedAt: start,
    lastSeenAt: start,
    expiresAt: at(2_592_000),
    families: [],
    ...facts,
  }
}

export const aMember = (clientId = 'web') => ({ familyId: newFamilyId(), clientId })

export const aFamily = (facts: Partial<Family> = {}): Family => {
  const userId = newUserId()
  return {
    id: newFamilyId(),
    clientId: 'web',
    userId,
    sessionId: newSessionId(userId),
    startedBy: 'authorization_code',
    scope: ['openid', 'offline_access'],
    resource: [],
    authTime: start,
    amr: ['pwd'],
    generation: 0,
    salt: randomToken(16),
    startedAt: start,
    rotatedAt: start,
    replays: 0,
    replayRun: 0,
    idleExpiresAt: at(604_800),
    expiresAt: at(2_592_000),
    ...facts,
  }
}

/** A refresh with a token of this generation, `seconds` after the start. */
export const presenting = (generation: number, seconds: number, facts: Partial<RefreshAttempt> = {}) => ({
  generation,
  now: at(seconds),
  graceSeconds: 20,
  network: 'net',
  userAgent: 'ua',
  idleExpiresAt: at(seconds + 604_800),
  ...facts,
})

export const aCode = (facts: Partial<AuthorizationCode> = {}): AuthorizationCode => {
  const userId = newUserId()
  return {
    codeHash: hashToken(randomToken()),
    clientId: 'web',
    userId,
    sessionId: newSessionId(userId),
    redirectUri: 'https://app.example.com/callback?a=1&b=%20',
    scope: ['openid'],
    resource: [],
    authTime: start,
    amr: ['pwd'],
    issuedAt: start,
    expiresAt: at(60),
    ...facts,
  }
}

export const aLinkConfirmation = (facts: Partial<LinkConfirmation> = {}): LinkConfirmation => ({
  idHash: hashToken(randomToken()),
  browserHash: hashToken(randomToken()),
  provider: 'naver',
  subject: randomToken(8),
  email: 'jane@example.com',
  emailVerified: false,
  createdAt: start,
  expiresAt: at(600),
  ...facts,
})

export const anApi = (members: Partial<Api> = {}): Api => ({
  audience: `https://${randomToken(8)}.example/`,
  name: 'An API',
  scopes: ['posts:read'],
  scopeTexts: {},
  claims: [],
  createdAt: start,
  ...members,
})

export const aClient = (members: Partial<Client> = {}): Client => ({
  id: `client-${randomToken(8)}`,
  name: 'An app',
  redirectUris: [],
  postLogoutRedirectUris: [],
  origins: [],
  grants: ['authorization_code'],
  scopes: ['openid'],
  audiences: [],
  introspects: [],
  responseModes: ['query', 'form_post'],
  firstParty: true,
  pkceRequired: true,
  refreshPolicy: { kind: 'rotate' },
  oneSession: false,
  createdAt: start,
  ...members,
})

export const aKey = (members: Partial<SigningKey> = {}): SigningKey => ({
  kid: randomToken(),
  alg: 'RS256',
  publicJwk: { kty: 'RSA', n: randomToken(), e: 'AQAB' },
  encryptedPrivateKey: randomToken(),
  createdAt: start,
  publishedAt: start,
  ...members,
})
