// The hook of the Node adapters that finds the user of a verified token.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import * as express from '../../verifiers/node/src/express.js'
import * as fastify from '../../verifiers/node/src/fastify.js'
import * as next from '../../verifiers/node/src/next.js'
import { type FindUser, type Needs, TokenError } from '../../verifiers/node/src/verifier.js'
import { corpus, verifierFor } from '../support/corpus.ts'

const vector = corpus.vectors.find(({ expect }) => expect.verdict === 'ok')
if (vector === undefined) throw new Error('The corpus has no valid token.')
const headers = { authorization: vector.authorization ?? '' }

/** Asks a route that answers with its user, and returns the status and the text of the answer. */
type Ask = (findUser: FindUser, needs?: Needs) => Promise<[number, string]>

const verifier = () => verifierFor(vector, { onRefused: ({ verdict }) => refused.push(verdict) })
const refused: string[] = []

const adapters: Record<string, Ask> = {
  Express: async (findUser, needs) => {
    const guard = express.requireUser(verifier(), findUser, needs)
    const server = createServer((request, response) => {
      const { user } = request as { user?: unknown }
      expect(user).toBeUndefined()
      void guard(request, response, (error) => {
        const { user, token } = request as { user?: unknown; token?: { subject: string } }
        response.writeHead(error ? 500 : 200).end(error ? 'app' : JSON.stringify([user, token?.subject]))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { headers })
    const text = await answer.text()
    await new Promise((resolve) => server.close(resolve))
    return [answer.status, text]
  },
  Fastify: async (findUser, needs) => {
    const server = Fastify()
    server.setErrorHandler((_error, _request, reply) => reply.code(500).send('app'))
    server.get('/', { onRequest: fastify.requireUser(verifier(), findUser, needs) }, async (request) => [
      (request as { user?: unknown }).user,
      request.token?.subject,
    ])
    const { statusCode, body } = await server.inject({ url: '/', headers })
    await server.close()
    return [statusCode, body]
  },
  'Next.js': async (findUser, needs) => {
    const request = new Request('http://app.example/', { headers })
    try {
      const found = await next.authenticateUser(verifier(), request, findUser, needs)
      if (found instanceof Response) return [found.status, await found.text()]
      return [200, JSON.stringify([found.user, found.token.subject])]
    } catch {
      return [500, 'app']
    }
  },
}

describe.each(Object.entries(adapters))('%s', (_name, ask) => {
  test('gives the route the user that findUser returns for the token and the request', async () => {
    const seen: unknown[] = []
    const findUser: FindUser = async (token, request) => {
      seen.push(token.subject, (request as { headers: object }).headers !== undefined)
      return { id: 7 }
    }
    expect(await ask(findUser)).toEqual([200, JSON.stringify([{ id: 7 }, 'user-1'])])
    expect(seen).toEqual(['user-1', true])
    expect((await ask(() => 'Kim'))[0]).toBe(200)
  })

  test.each([undefined, null])(
    'answers 403 no_local_user without a challenge if findUser returns %s',
    async (nobody) => {
      const [status, text] = await ask(async () => nobody)
      expect([status, JSON.parse(text).code]).toEqual([403, 'no_local_user'])
      expect(refused.at(-1)).toBe('no_local_user')
    },
  )

  test('answers a TokenError of findUser, for example for a user who is blocked here', async () => {
    const [status, text] = await ask(() => {
      throw new TokenError('revoked')
    })
    expect([status, JSON.parse(text).code]).toEqual([401, 'invalid_token'])
  })

  test('leaves any other error of findUser to the app', async () => {
    expect(await ask(() => Promise.reject(new Error('the database is down')))).toEqual([500, 'app'])
  })

  test('does not look for a user if the token lacks a scope', async () => {
    const [status, text] = await ask(() => expect.fail('findUser was called'), { scopes: ['nobody:has'] })
    expect([status, JSON.parse(text).code]).toEqual([403, 'insufficient_scope'])
  })
})
