// Runs every vector of the corpus with @dojang/verifier.
import { describe, expect, test } from 'vitest'
import { TokenError } from '../../verifiers/node/src/verifier.js'
import { corpus, verifierFor } from '../support/corpus.ts'

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
