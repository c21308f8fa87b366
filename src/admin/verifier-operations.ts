// Services that fetch the keys and give their name, as an admin sees them.
import type { Clock } from '../clock.ts'
import { isGone, type KnownVerifier, type KnownVerifiers } from '../keys/known-verifiers.ts'
import { type SigningKeys, signingKeyAt, standbysAt } from '../keys/signing-keys.ts'
import { noInput } from './input.ts'
import { type Operation, operation } from './operation.ts'

const verifierView = ({ name, kids, seenAt }: KnownVerifier, current: readonly string[]) => ({
  name,
  seen_at: seenAt.toISOString(),
  /** The active key and the standby keys that the service has not fetched yet. */
  missing: current.filter((kid) => !kids.includes(kid)),
})

export type VerifierView = ReturnType<typeof verifierView>

export interface VerifierOperations {
  'keys.verifiers': Operation<typeof noInput, VerifierView[]>
}

export interface VerifierOperationsDeps {
  clock: Clock
  knownVerifiers: KnownVerifiers
  signingKeys: SigningKeys
}

export const createVerifierOperations = ({
  clock,
  knownVerifiers,
  signingKeys,
}: VerifierOperationsDeps): VerifierOperations => ({
  'keys.verifiers': operation(noInput, async () => {
    const now = clock.now()
    const keys = await signingKeys.list()
    const active = signingKeyAt(keys, now)
    const current = [...(active === undefined ? [] : [active]), ...standbysAt(keys, now)]
    const kids = current.map(({ kid }) => kid)
    const known = (await knownVerifiers.list()).filter((verifier) => !isGone(verifier, now))
    return known.map((verifier) => verifierView(verifier, kids))
  }),
})
