// The corpus of vectors, and how to create each of its verifiers with @dojang/verifier.
import { readFileSync } from 'node:fs'
import {
  createVerifier,
  type IssuerOptions,
  type VerifierOptions,
} from '../../verifiers/node/src/verifier.js'
import type { Vector } from '../../verifiers/vectors/vector.ts'

interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

export const corpus: {
  worlds: Record<string, Record<string, Answer>>
  verifiers: Record<string, { world: string; options: Record<string, unknown> }>
  vectors: Vector[]
} = JSON.parse(readFileSync(new URL('../../verifiers/vectors/corpus.json', import.meta.url), 'utf8'))

/** The corpus names options as in Python and gives times in seconds. */
const camelCase = (options: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/_uri$/, 'Uri').replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
      name === 'until' ? new Date(Number(value) * 1000) : value,
    ]),
  )

export const verifierFor = ({ verifier, now }: Vector, more: Partial<VerifierOptions> = {}) => {
  const { world, options } = corpus.verifiers[verifier] ?? { world: '', options: {} }
  const issuer = (options.issuer as Record<string, unknown>[]).map(camelCase) as unknown as IssuerOptions[]
  return createVerifier({
    ...(camelCase(options) as unknown as VerifierOptions),
    issuer,
    now: () => new Date(now * 1000),
    ...more,
    timers: { after: () => () => {} },
    fetch: async (url) => {
      const answer = corpus.worlds[world]?.[url.split('?')[0] ?? '']
      if (answer === undefined) throw new TypeError('connection refused')
      return new Response(answer.body, { status: answer.status, headers: answer.headers })
    },
  })
}
