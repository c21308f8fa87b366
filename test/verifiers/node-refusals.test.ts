// The log of the requests that the Node adapters refuse: why, what helps, and never a token.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as express from '../../verifiers/node/src/express.js'
import * as fastify from '../../verifiers/node/src/fastify.js'
import * as next from '../../verifiers/node/src/next.js'
import { TokenError, type Verifier, type VerifierOptions } from '../../verifiers/node/src/verifier.js'
import type { Vector } from '../../verifiers/vectors/vector.ts'
import { corpus, verifierFor } from '../support/corpus.ts'

/** The console, as lines. Tests of other files use it too, so each test begins with an empty one. */
let lines: string[]
beforeEach(() => {
  lines = []
  for (const level of ['debug', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((line) => lines.push(`${level} ${line}`))
})
afterEach(() => vi.restoreAllMocks())

type Ask = (verifier: Verifier, vector: Vector) => Promise<number>

const headersOf = ({ authorization }: Vector): Record<string, string> =>
  authorization === null ? {} : { authorization }

const adapters: Record<string, Ask> = {
  Express: async (verifier, vector) => {
    const guard = express.requireToken(verifier, vector.needs)
    const server = createServer((request, response) => void guard(request, response, () => response.end()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { status } = await fetch(`http://127.0.0.1:${port}/`, { headers: headersOf(vector) })
    await new Promise((resolve) => server.close(resolve))
    return status
  },
  Fastify: async (verifier, vector) => {
    const server = Fastify({ logger: { level: 'debug', stream: { write: (line) => lines.push(line) } } })
    server.get('/', { onRequest: fastify.requireToken(verifier, vector.needs) }, async () => 'hello')
    const { statusCode } = await server.inject({ url: '/', headers: headersOf(vector) })
    lines = lines.filter((line) => line.includes('request refused'))
    await server.close()
    return statusCode
  },
  'Next.js': async (verifier, vector) => {
    const request = new Request('http://app.example/', { headers: headersOf(vector) })
    const token = await next.authenticateRequest(verifier, request, vector.needs)
    return token instanceof Response ? token.status : 200
  },
}

/** One vector per verdict. Its header can be sent, because HTTP forbids some characters. */
const sendable = corpus.vectors.filter(({ authorization }) => /^[\x20-\x7e]*$/.test(authorization ?? ''))
const verdicts = [...new Set(sendable.map(({ expect }) => expect.verdict))].filter((each) => each !== 'ok')
const vectorWith = (verdict: string): Vector => {
  const found = sendable.find(({ expect }) => expect.verdict === verdict)
  if (found === undefined) throw new Error(verdict)
  return found
}

const beforeSignature = [
  ...['missing', 'too_large', 'malformed', 'unknown_issuer', 'algorithm', 'unavailable', 'unknown_key'],
  'signature',
]

describe.each(Object.entries(adapters))('%s', (name, ask) => {
  test.each(verdicts)('logs the verdict %s and what helps, and nothing of the token', async (verdict) => {
    const vector = vectorWith(verdict)
    const verifier = verifierFor(vector)
    expect(await ask(verifier, vector)).toBe(vector.expect.status)
    const isSilent = verdict === 'missing' && name !== 'Fastify'
    expect(lines).toHaveLength(isSilent ? 0 : 1)
    const line = lines.join('')
    if (!isSilent) {
      expect(line).toContain(`"verdict":"${verdict}","status":${vector.expect.status}`)
      expect(line).toContain(new TokenError(vector.expect.verdict as 'missing').help)
    }
    const token = vector.authorization?.split(' ').at(-1) ?? ''
    for (const part of token.split('.').filter((each) => each.length > 8)) expect(line).not.toContain(part)
    if (beforeSignature.includes(verdict)) expect(line).not.toMatch(/"(iss|aud|kid|jti|sub)":/)
    verifier.stop()
  })
})

test('the log of Fastify has the levels debug for no token, warn for a refused token and error for an outage', async () => {
  const levels: Record<string, number> = {}
  for (const verdict of ['missing', 'expired', 'unavailable']) {
    lines = []
    const vector = vectorWith(verdict)
    await adapters.Fastify?.(verifierFor(vector), vector)
    levels[verdict] = JSON.parse(lines.join('')).level
  }
  expect(levels).toEqual({ missing: 20, expired: 40, unavailable: 50 })
})

test('the line names iss, aud, kid and jti of a token whose signature is valid', async () => {
  const vector = vectorWith('audience')
  const verifier = verifierFor(vector)
  await adapters['Next.js']?.(verifier, vector)
  const [, payload = ''] = vector.authorization?.split('.') ?? []
  const { iss, aud, jti } = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const logged = JSON.parse(lines.join('').replace(/^[^{]*/, ''))
  expect(logged).toEqual({
    verdict: 'audience',
    status: 401,
    ...{ iss, aud, jti },
    kid: expect.any(String),
  })
})

describe('a flood of refused requests', () => {
  const refuse = async (options: Partial<VerifierOptions>, verdict: string, times: number) => {
    const vector = vectorWith(verdict)
    const verifier = verifierFor(vector, options)
    for (let sent = 0; sent < times; sent += 1) await adapters['Next.js']?.(verifier, vector)
    return { vector, verifier }
  }

  test('gets ten lines per minute and verdict, and the next line says how many were left out', async () => {
    const clock = { now: (vectorWith('signature').now + 1) * 1000 }
    const now = () => new Date(clock.now)
    const { verifier } = await refuse({ now }, 'signature', 25)
    expect(lines).toHaveLength(10)
    await adapters['Next.js']?.(verifier, vectorWith('malformed'))
    expect(lines).toHaveLength(11)
    clock.now += 60_000
    await adapters['Next.js']?.(verifier, vectorWith('signature'))
    expect(lines[11]).toContain('"notLogged":15')
    await adapters['Next.js']?.(verifier, vectorWith('signature'))
    expect(lines[12]).not.toContain('notLogged')
  })

  test('reaches onRefused completely, which replaces the log', async () => {
    const seen: string[] = []
    const onRefused: VerifierOptions['onRefused'] = ({ verdict }, request) =>
      seen.push(`${verdict} ${(request as Request).url}`)
    await refuse({ onRefused }, 'signature', 25)
    expect(lines).toEqual([])
    expect(seen).toEqual(Array(25).fill('signature http://app.example/'))
  })
})

const failingHooks = {
  throws: () => {
    throw new Error('the hook failed')
  },
  rejects: async () => {
    throw new Error('the hook failed')
  },
}

describe.each(Object.entries(failingHooks))('a function onRefused that %s', (_how, onRefused) => {
  test.each(Object.entries(adapters))(
    'does not change the answer of %s, and onError gets the error',
    async (_name, ask) => {
      const errors: string[] = []
      const vector = vectorWith('expired')
      const verifier = verifierFor(vector, { onRefused, onError: ({ message }) => errors.push(message) })
      expect(await ask(verifier, vector)).toBe(401)
      await vi.waitFor(() => expect(errors).toEqual(['the hook failed']))
    },
  )
})
