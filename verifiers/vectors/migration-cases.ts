// Several issuers during a migration: legacy issuers sign with a shared secret and are trusted until a date.
import {
  accessToken,
  currentKey,
  hs256,
  type Json,
  legacyIssuer,
  now,
  sharedSecret,
  signRaw,
  tokenWithHeader,
  validClaims,
} from './tokens.ts'
import { type Vector, vector } from './vector.ts'

const legacyToken = (
  claims: Json,
  { secret = sharedSecret, header = { alg: 'HS256', typ: 'JWT' } as Json } = {},
): string => signRaw(JSON.stringify(header), JSON.stringify(claims), hs256(secret))

const legacyClaims = { iss: legacyIssuer, sub: 'user-7', exp: now + 500, iat: now - 100 }
/** The claims of a legacy issuer that sends no `iss` and names the user by number. */
const unnamedClaims = { token_type: 'access', user_id: 7, exp: now + 500, jti: 'x' }
const unnamedSecret = { secret: `${sharedSecret}-2` }

const migration = { verifier: 'migration' }
const user7 = { expect: { subject: 'user-7' } }

const acceptedWhileMigrating: Vector[] = [
  vector('migration-new', 'accepts tokens of the new issuer', accessToken(), 'ok', migration),
  vector(
    'migration-old',
    'accepts tokens of the legacy issuer before its end date',
    legacyToken(legacyClaims),
    'ok',
    { ...migration, ...user7 },
  ),
  vector(
    'migration-old-no-typ',
    'accepts a legacy token without typ',
    legacyToken(legacyClaims, { header: { alg: 'HS256' } }),
    'ok',
    { ...migration, ...user7 },
  ),
  vector(
    'migration-no-iss',
    'accepts a legacy token without iss, with a number as its user',
    legacyToken(unnamedClaims, unnamedSecret),
    'ok',
    { ...migration, expect: { subject: '7' } },
  ),
]

const rejectedWhileMigrating: Vector[] = [
  vector(
    'migration-old-typ',
    'rejects a legacy token with typ at+jwt',
    legacyToken(legacyClaims, { header: { alg: 'HS256', typ: 'at+jwt' } }),
    'type',
    migration,
  ),
  vector(
    'migration-no-iss-other-secret',
    'rejects a token without iss that is signed with the secret of another issuer',
    legacyToken(unnamedClaims),
    'signature',
    migration,
  ),
  vector(
    'migration-no-iss-no-user',
    'rejects a legacy token without a user',
    legacyToken({ ...unnamedClaims, user_id: undefined }, unnamedSecret),
    'claims',
    migration,
  ),
  vector(
    'migration-user-fraction',
    'rejects a legacy token whose user is not a whole number',
    legacyToken({ ...unnamedClaims, user_id: 1.5 }, unnamedSecret),
    'claims',
    migration,
  ),
  vector(
    'migration-user-too-large',
    'rejects a legacy token whose user is a number that JavaScript rounds',
    legacyToken({ ...unnamedClaims, user_id: 2 ** 53 }, unnamedSecret),
    'claims',
    migration,
  ),
  vector(
    'migration-iss-null',
    'rejects a legacy token whose iss is null',
    legacyToken({ ...unnamedClaims, iss: null }, unnamedSecret),
    'unknown_issuer',
    migration,
  ),
  vector(
    'migration-scope-tab',
    'splits the scope only at spaces',
    legacyToken({ ...legacyClaims, scope: 'a\tb c' }),
    'ok',
    { ...migration, expect: { subject: 'user-7', scopes: ['a\tb', 'c'] } },
  ),
  vector(
    'migration-old-no-exp',
    'rejects a legacy token without exp',
    legacyToken({ ...legacyClaims, exp: undefined }),
    'claims',
    migration,
  ),
  vector(
    'migration-old-expired',
    'rejects an expired legacy token',
    legacyToken({ ...legacyClaims, exp: now - 11 }),
    'expired',
    migration,
  ),
  vector(
    'migration-old-signature',
    'rejects a legacy token signed with an unknown secret',
    legacyToken(legacyClaims, { secret: 'another-secret-that-is-not-in-the-options' }),
    'signature',
    migration,
  ),
  vector(
    'migration-old-rs256',
    'rejects a token that names the legacy issuer but is signed with a key of the new issuer',
    accessToken({ iss: legacyIssuer }),
    'algorithm',
    migration,
  ),
  vector(
    'migration-new-hs256',
    'rejects a token that names the new issuer but is signed with the shared secret',
    legacyToken(validClaims),
    'algorithm',
    migration,
  ),
  vector(
    'migration-new-hs256-at',
    'rejects a token signed with the shared secret that names the new issuer and a published kid',
    legacyToken(validClaims, { header: { alg: 'HS256', typ: 'at+jwt', kid: currentKey.kid } }),
    'algorithm',
    migration,
  ),
  vector(
    'migration-old-none',
    'rejects an unsigned legacy token',
    signRaw(JSON.stringify({ alg: 'none', typ: 'JWT' }), JSON.stringify(legacyClaims), () => ''),
    'algorithm',
    migration,
  ),
  vector(
    'alg-confusion-across-issuers',
    'rejects an HMAC token of the new issuer even if a legacy secret equals its public key',
    tokenWithHeader({ alg: 'HS256', typ: 'at+jwt', kid: currentKey.kid }, hs256(currentKey.pem)),
    'algorithm',
    { verifier: 'public key as shared secret' },
  ),
]

const legacyTokenTypes: Vector[] = [
  vector(
    'migration-refresh-token',
    'rejects a refresh token of the legacy issuer',
    legacyToken({ ...unnamedClaims, token_type: 'refresh' }, unnamedSecret),
    'type',
    migration,
  ),
  vector(
    'migration-token-type-not-text',
    'rejects a legacy token whose token_type is not a string',
    legacyToken({ ...unnamedClaims, token_type: null }, unnamedSecret),
    'type',
    migration,
  ),
  vector(
    'migration-required-claim',
    'accepts a legacy token with the required claim',
    legacyToken({ ...unnamedClaims, kind: 'api' }, unnamedSecret),
    'ok',
    { verifier: 'migration with required claims', expect: { subject: '7' } },
  ),
  vector(
    'migration-required-claim-other',
    'rejects a legacy token with another value of the required claim',
    legacyToken({ ...unnamedClaims, kind: 'mail' }, unnamedSecret),
    'claims',
    { verifier: 'migration with required claims' },
  ),
  vector(
    'migration-required-claim-list',
    'rejects a legacy token with a list that has the value of the required claim',
    legacyToken({ ...unnamedClaims, kind: ['api'] }, unnamedSecret),
    'claims',
    { verifier: 'migration with required claims' },
  ),
  vector(
    'migration-required-claim-missing',
    'rejects a legacy token without the required claim',
    legacyToken({ ...unnamedClaims, kind: 'api', token_type: undefined }, unnamedSecret),
    'claims',
    { verifier: 'migration with required claims' },
  ),
]

const roleOptions = { verifier: 'migration with a claim for roles' }
const withRoles = (...roles: string[]) => ({ expect: { subject: 'user-7', roles } })

const legacyRoles: Vector[] = [
  vector(
    'migration-roles-list',
    'reads the list roles of a legacy token',
    legacyToken({ ...legacyClaims, role: 'owner', roles: ['admin', 'editor'] }),
    'ok',
    { ...migration, ...withRoles('admin', 'editor') },
  ),
  vector(
    'migration-roles-text',
    'reads a text as one role of a legacy token',
    legacyToken({ ...legacyClaims, roles: 'admin editor' }),
    'ok',
    { ...migration, ...withRoles('admin editor') },
  ),
  vector(
    'migration-role',
    'reads the role of a legacy token from the claim that the options name',
    legacyToken({ ...legacyClaims, role: 'admin', roles: ['owner'] }),
    'ok',
    { ...roleOptions, ...withRoles('admin'), needs: { roles: ['admin'] } },
  ),
  vector(
    'migration-role-other',
    'rejects a legacy token with another role',
    legacyToken({ ...legacyClaims, role: 'user', roles: ['admin'] }),
    'insufficient_scope',
    { ...roleOptions, needs: { roles: ['admin'] } },
  ),
  vector(
    'migration-role-odd',
    'finds no role in a claim that is neither a text nor a list of texts',
    legacyToken({ ...legacyClaims, role: { admin: true } }),
    'ok',
    { ...roleOptions, ...withRoles() },
  ),
  vector(
    'migration-role-empty',
    'finds no role in an empty text',
    legacyToken({ ...legacyClaims, role: '' }),
    'ok',
    { ...roleOptions, ...withRoles() },
  ),
  vector(
    'migration-role-new',
    'reads no role of a token of the new issuer from the claim of the legacy issuer',
    accessToken({ role: 'admin', roles: ['editor'] }),
    'insufficient_scope',
    { ...roleOptions, needs: { roles: ['admin'] } },
  ),
]

const legacyAudience: Vector[] = [
  vector(
    'migration-audience',
    'accepts a legacy token with the audience that the options require',
    legacyToken({ ...legacyClaims, aud: 'old-api' }),
    'ok',
    { verifier: 'migration with an audience', ...user7 },
  ),
  vector(
    'migration-audience-other',
    'rejects a legacy token without the required audience',
    legacyToken(legacyClaims),
    'audience',
    { verifier: 'migration with an audience' },
  ),
]

const endDate: Vector[] = [
  vector(
    'migration-over',
    'rejects tokens of the legacy issuer from its end date on',
    legacyToken(legacyClaims),
    'unknown_issuer',
    { verifier: 'migration after its end date' },
  ),
  vector('migration-over-new', 'accepts tokens of the new issuer after the end date', accessToken(), 'ok', {
    verifier: 'migration after its end date',
  }),
  vector(
    'migration-last-second',
    'accepts tokens of the legacy issuer one second before its end date',
    legacyToken({ ...legacyClaims, exp: now + 2000, iat: now }),
    'ok',
    { ...migration, ...user7, now: now + 999 },
  ),
]

export const migrationCases: Vector[] = [
  ...acceptedWhileMigrating,
  ...rejectedWhileMigrating,
  ...legacyTokenTypes,
  ...legacyRoles,
  ...legacyAudience,
  ...endDate,
]
