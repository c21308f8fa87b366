// A server that publishes the key set of another issuer. A test can change the keys, make the server fail,
// and sign tokens.
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TheirKey {
  kid: string
  privateKey: KeyObject
  jwk: Record<string, unknown>
}

export const theirKey = (kid: string, modulusLength = 2048): TheirKey => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
  return { kid, privateKey, jwk }
}

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Signs any header and payload with the key. */
export const signedBy = (key: TheirKey, header: unknown, payload: unknown): string => {
  const input = `${part(header)}.${part(payload)}`
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`
}

export const unsigned = (header: unknown, payload: unknown): string => `${part(header)}.${part(payload)}.`

export const macBy = (secret: string, header: unknown, payload: unknown): string => {
  const input = `${part(header)}.${part(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

export interface PublishedKeys {
  url: string
  /** How often the set was fetched. */
  asked: number
  answer: (response: ServerResponse) => void
  publish(...keys: readonly { jwk: Record<string, unknown> }[]): void
  fail(status?: number): void
  close(): Promise<void>
}

export const publishedKeys = async (...keys: readonly TheirKey[]): Promise<PublishedKeys> => {
  const server = createServer((_request, response) => {
    published.asked += 1
    published.answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const published: PublishedKeys = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    asked: 0,
    answer: () => {},
    publish: (...keys) => {
      const body = JSON.stringify({ keys: keys.map(({ jwk }) => jwk) })
      published.answer = (response) => response.setHeader('content-type', 'application/json').end(body)
    },
    fail: (status = 503) => {
      published.answer = (response) => response.writeHead(status).end('{"keys":[]}')
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  published.publish(...keys)
  return published
}
