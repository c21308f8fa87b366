// Runs every vector of the corpus with @dojang/verifier.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  createVerifier,
  type IssuerOptions,
  TokenError,
  type VerifierOptions,
} from '../../verifiers/node/src/verifier.js'
import type { Vector } from '../../verifiers/vectors/vector.ts'

interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

const corpus: {
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

const verifierFor = ({ verifier, now }: Vector) => {
  const { world, options } = corpus.verifiers[verifier] ?? { world: '', options: {} }
  const issuer = (options.issuer as Record<string, unknown>[]).map(camelCase) as unknown as IssuerOptions[]
  return createVerifier({
    ...(camelCase(options) as unknown as VerifierOptions),
    issuer,
    now: () => new Date(now * 1000),
    timers: { after: () => () => {} },
    fetch: async (url) => {
      const answer = corpus.worlds[world]?.[url.split('?')[0] ?? '']
      if (answer === undefined) throw new TypeError('connection refused')
      return new Response(answer.body, { status: answer.status, headers: answer.headers })
    },
  })
}

describe('@dojang/verifier', () => {
  for (const vector of corpus.vectors)
    test(`${vector.says}: ${vector.expect.verdict} (${vector.id})`, async () => {
      const verifier = verifierFor(vector)
      await verifier.start()
      const { verdict, status, error, scope, subject, scopes, roles } = vector.expect
      try {
        const token = await verifier.authenticate(vector.authorization, vector.needs)
        expect({ verdict: 'ok', subject: token.subject }).toEqual({ verdict, subject })
        if (scopes !== undefined) expect(token.scopes).toEqual(scopes)
        if (roles !== undefined) expect(token.roles).toEqual(roles)
      } catch (thrown) {
        if (!(thrown instanceof TokenError)) throw thrown
        expect(thrown.verdict).toBe(verdict)
        expect(thrown.status).toBe(status)
        const parameters = [
          ...(error === undefined ? [] : [`error="${error}"`]),
          ...(scope === undefined ? [] : [`scope="${scope}"`]),
        ].join(', ')
        expect(thrown.challenge).toBe(status === 503 ? undefined : `Bearer ${parameters}`.trimEnd())
        expect(thrown.retryAfterSeconds).toBe(status === 503 ? 2 : undefined)
      }
      verifier.stop()
    })
})
