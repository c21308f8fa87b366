// The HTTP server of a fake provider. It serves a table of endpoints, records requests and applies faults.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Fault, faultyReply, json, type Reply } from './faults.ts'

/** A request to the fake. */
export interface Call {
  endpoint: string
  method: string
  url: URL
  headers: IncomingMessage['headers']
  /** The form of a POST. Empty for every other request. */
  form: URLSearchParams
}

export interface Endpoint<Name extends string> {
  name: Name
  methods: readonly ('GET' | 'POST')[]
  answer(call: Call): Reply | Promise<Reply>
}

export type Endpoints<Name extends string> = Readonly<Record<string, Endpoint<Name>>>

export const endpoint = <Name extends string>(
  name: Name,
  answer: Endpoint<Name>['answer'],
  methods: Endpoint<Name>['methods'] = ['GET', 'POST'],
): Endpoint<Name> => ({ name, methods, answer })

export interface ProviderServer {
  origin: string
  close(): Promise<void>
}

export const redirect = (to: URL | string, headers: Record<string, string> = {}): Reply => ({
  status: 302,
  headers: { location: String(to), 'cache-control': 'no-store', ...headers },
  body: '',
})

/** The credentials of the Authorization header, or undefined if it has another scheme. */
export const authorization = (call: Call, scheme: string): string | undefined => {
  const [given = '', ...value] = (call.headers.authorization ?? '').split(' ')
  return given.toLowerCase() === scheme.toLowerCase() ? value.join(' ') : undefined
}

const maxBodyBytes = 65_536

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = ''
  for await (const chunk of request) {
    body += chunk
    if (body.length > maxBodyBytes) throw new Error('The request is too large for a fake.')
  }
  return body
}

const send = (response: ServerResponse, { status, headers, body }: Reply) => {
  response.writeHead(status, headers)
  response.end(body)
}

/**
 * Listens on the given loopback port, or on a free one.
 * @param requests the server adds each call here before it answers
 */
export const startProviderServer = async <Name extends string>({
  endpoints,
  faultOf,
  requests,
  tooManyRequests = json(429, { error: 'rate_limit_exceeded' }),
  port = 0,
}: {
  endpoints: Endpoints<Name>
  faultOf(endpoint: Name): Fault | undefined
  requests: Call[]
  tooManyRequests?: Reply
  port?: number
}): Promise<ProviderServer> => {
  const timers = new Set<NodeJS.Timeout>()
  let origin = ''

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', origin)
    const endpoint = Object.hasOwn(endpoints, url.pathname) ? endpoints[url.pathname] : undefined
    const method = request.method ?? 'GET'
    const body = await bodyOf(request)
    if (endpoint === undefined) return send(response, json(404, { error: 'not_found' }))
    if (!endpoint.methods.some((known) => known === method))
      return send(response, json(405, { error: 'method_not_allowed' }))
    const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')
    const form = new URLSearchParams(isForm ? body : '')
    const call: Call = { endpoint: endpoint.name, method, url, headers: request.headers, form }
    requests.push(call)

    const followed = url.searchParams.has('followed')
    const fault = followed ? undefined : faultOf(endpoint.name)
    if (fault === 'hang') return
    if (fault === 'reset') return request.socket.resetAndDestroy()
    if (fault === 'redirect') {
      url.searchParams.set('followed', 'yes')
      return send(response, { ...redirect(url), status: 307 })
    }
    // With these faults the provider refuses before it does its work, so a code stays unspent.
    const refusesFirst = fault === 'status_500' || fault === 'too_many_requests'
    const reply = refusesFirst ? json(200, {}) : await endpoint.answer(call)
    if (fault === 'reset_after_commit') return request.socket.resetAndDestroy()
    if (typeof fault !== 'object') return send(response, faultyReply(reply, fault, tooManyRequests))
    const timer = setTimeout(() => {
      timers.delete(timer)
      send(response, reply)
    }, fault.delayMs)
    timers.add(timer)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error('a fake provider failed', error)
      response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    close: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearTimeout(timer)
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
