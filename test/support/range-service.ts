// A service of leaked passwords on loopback, with the range API. It can also misbehave.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const sha1Of = (password: string): string =>
  createHash('sha1').update(password).digest('hex').toUpperCase()

/** A padded answer has such lines with the count 0. */
const paddingLine = (index: number): string => `${sha1Of(`padding ${index}`).slice(0, 35)}:0`

export interface RangeService {
  url: string
  /** Every request so far. */
  requests: { path: string; padded: boolean; headers: IncomingMessage['headers'] }[]
  /** Adds a password with its count; 0 makes it padding. */
  leak(password: string, count?: number): void
  /** Replaces the answers. Undefined makes the service behave again. */
  misbehave: ((response: ServerResponse) => void) | undefined
  close(): Promise<void>
}

export const rangeService = async (): Promise<RangeService> => {
  const counts = new Map<string, number>()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const { headers } = request
    service.requests.push({ path, headers, padded: headers['add-padding'] === 'true' })
    if (service.misbehave !== undefined) return service.misbehave(response)
    const [, prefix] = /^\/pwned\/range\/([0-9A-F]{5})$/.exec(path) ?? []
    if (prefix === undefined) return response.writeHead(404).end()
    const leaked = [...counts].filter(([hash]) => hash.startsWith(prefix))
    const lines = leaked.map(([hash, count]) => `${hash.slice(5)}:${count}`)
    const padding = Array.from({ length: 800 }, (_, index) => paddingLine(index))
    response.writeHead(200, { 'content-type': 'text/plain' }).end([...lines, ...padding].join('\r\n'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const service: RangeService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/pwned`,
    requests: [],
    leak: (password, count = 3) => void counts.set(sha1Of(password), count),
    misbehave: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return service
}
