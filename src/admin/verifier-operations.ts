// Services that fetch the keys under a name, as an admin sees them, and whether a key may sign without them.

import type { Clock } from '../clock.ts'
import type { Kid } from '../ids.ts'
import { isGone, type KnownVerifier, type KnownVerifiers, unawareOf } from '../keys/known-verifiers.ts'
import { prePublication } from '../keys/rotation.ts'
import { type SigningKeys, signingKeyAt, standbysAt } from '../keys/signing-keys.ts'
import { readInput } from './input.ts'
import type { Operation } from './operation.ts'

const verifierView = ({ name, kids, seenAt }: KnownVerifier, current: readonly string[]) => ({
  name,
  seen_at: seenAt.toISOString(),
  /** Keys that sign, or will, and that it has not fetched. */
  missing: current.filter((kid) => !kids.includes(kid)),
})

export type VerifierView = ReturnType<typeof verifierView>

export const createVerifierOperations = ({
  clock,
  knownVerifiers,
  signingKeys,
}: {
  clock: Clock
  knownVerifiers: KnownVerifiers
  signingKeys: SigningKeys
}) =>
  ({
    'keys.verifiers': async (given) => {
      readInput(given, [])
      const now = clock.now()
      const keys = await signingKeys.list()
      const current = [signingKeyAt(keys, now) ?? [], standbysAt(keys, now)].flat(2).map(({ kid }) => kid)
      const known = (await knownVerifiers.list()).filter((verifier) => !isGone(verifier, now))
      return known.map((verifier) => verifierView(verifier, current))
    },
  }) satisfies Record<string, Operation>

/**
 * Why a key had better not sign from that moment on, or undefined. Whoever still fetches has it by the time that every
 * rotation leaves.
 */
export const objection = async (
  knownVerifiers: KnownVerifiers,
  kid: Kid,
  { now, at }: { now: Date; at: Date },
): Promise<string | undefined> => {
  if (at.getTime() - now.getTime() >= prePublication.floorSeconds * 1000) return undefined
  const unaware = unawareOf(kid, await knownVerifiers.list(), now)
  if (unaware.length === 0) return undefined
  const names = unaware.map(({ name, seenAt }) => `${name} (last fetched at ${seenAt.toISOString()})`)
  return `Not seen yet by ${names.join(', ')}: tokens that it signs are refused there until the keys are fetched again.`
}
