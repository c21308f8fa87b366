// Writes corpus.json: tokens, and the verdict that every verifier must give to each (README.md).
import { writeFileSync } from 'node:fs'
import { claimCases } from './claim-cases.ts'
import { feedCases } from './feed-cases.ts'
import { issuerCases } from './issuer-cases.ts'
import { malformedCases } from './malformed-cases.ts'
import { migrationCases } from './migration-cases.ts'
import { pemMigrationCases } from './pem-migration-cases.ts'
import { permissionCases } from './permission-cases.ts'
import { revocationCases } from './revocation-cases.ts'
import { signatureCases } from './signature-cases.ts'
import { validTokenCases } from './valid-token-cases.ts'
import { verifiers } from './verifiers.ts'
import { worlds } from './worlds.ts'

const vectors = [
  ...validTokenCases,
  ...malformedCases,
  ...issuerCases,
  ...signatureCases,
  ...claimCases,
  ...revocationCases,
  ...feedCases,
  ...permissionCases,
  ...migrationCases,
  ...pemMigrationCases,
]

const ids = vectors.map(({ id }) => id)
const repeated = ids.filter((id, index) => ids.indexOf(id) !== index)
if (repeated.length > 0) throw new Error(`Two vectors have the same id: ${repeated.join(', ')}`)

const used = new Set(vectors.map(({ verifier }) => verifier))
const usedVerifiers = Object.fromEntries(Object.entries(verifiers).filter(([name]) => used.has(name)))

export const corpus = { format: 1, worlds, verifiers: usedVerifiers, vectors }

if (import.meta.main) {
  writeFileSync(new URL('corpus.json', import.meta.url), `${JSON.stringify(corpus, null, 1)}\n`)
  console.log(`Wrote ${vectors.length} vectors.`)
}
