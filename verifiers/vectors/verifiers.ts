// How to create each verifier of the corpus: its world and its options, named as in Python (../README.md).
import {
  audience,
  currentKey,
  issuer,
  type Json,
  legacyIssuer,
  legacyKey,
  now,
  sharedSecret,
} from './tokens.ts'
import { worlds } from './worlds.ts'

interface DescribedVerifier {
  world: string
  options: Json
}

const defaults = { audience, issuer: [{ issuer }] }

const legacyWithSecret = { secret: sharedSecret, issuer: legacyIssuer, until: now + 1000 }
/** An issuer whose tokens have no `iss`. */
const unnamedWithSecret = { secret: `${sharedSecret}-2`, until: now + 1000, subject_claim: 'user_id' }
/** A legacy issuer with a PEM file. Its tokens have neither `iss` nor `kid`. */
const unnamedWithPem = { pem: legacyKey.pem, until: now + 1000, subject_claim: 'user_id' }

/** Trusts Dojang and the given legacy issuers. */
const migrating = (...legacy: Json[]): DescribedVerifier => ({
  world: 'normal',
  options: { audience, issuer: [{ issuer }, ...legacy] },
})

/** The name of a world's second verifier, which accepts tokens although its feed is stale. */
export const acceptingStale = (world: string): string => `${world}, when_stale accept`

const verifiersOfWorld = (world: string): [string, DescribedVerifier][] => [
  [world, { world, options: defaults }],
  [acceptingStale(world), { world, options: { ...defaults, when_stale: 'accept' } }],
]

export const verifiers: Readonly<Record<string, DescribedVerifier>> = {
  default: { world: 'normal', options: defaults },
  'revocations off': { world: 'feed unavailable', options: { ...defaults, revocations: false } },
  'no leeway': { world: 'normal', options: { ...defaults, leeway_seconds: 0 } },
  'types at+jwt and JWT': {
    world: 'normal',
    options: { audience, issuer: [{ issuer, types: ['at+jwt', 'JWT'] }] },
  },
  migration: migrating(legacyWithSecret, unnamedWithSecret),
  'migration with required claims': migrating({
    ...unnamedWithSecret,
    required_claims: { token_type: 'access', kind: 'api' },
  }),
  'migration with a claim for roles': migrating(
    { ...legacyWithSecret, roles_claim: 'role' },
    { ...unnamedWithPem, roles_claim: 'role' },
  ),
  'migration with an audience': migrating({ ...legacyWithSecret, audience: 'old-api' }),
  'migration after its end date': migrating({ ...legacyWithSecret, until: now }),
  'migration with a PEM file': migrating(legacyWithSecret, {
    ...unnamedWithPem,
    required_claims: { token_type: 'access' },
  }),
  'migration with a PEM file and an audience': migrating({
    ...{ pem: legacyKey.pem, until: now + 1000, issuer: legacyIssuer, audience: 'old-api' },
  }),
  'migration with a PEM file after its end date': migrating({ ...unnamedWithPem, until: now }),
  'public key as shared secret': migrating({ ...legacyWithSecret, secret: currentKey.pem }),
  ...Object.fromEntries(
    Object.keys(worlds)
      .filter((world) => world !== 'normal')
      .flatMap(verifiersOfWorld),
  ),
}
