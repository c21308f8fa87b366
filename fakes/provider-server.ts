// The HTTP of a fake provider: a table of endpoints on a real port, what was asked of it, and its faults.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Fault, json, type Reply, spoilt } from './faults.ts'

/** A request as the fake read it. */
export interface Call {
  endpoint: string
  method: string
  url: URL
  headers: IncomingMessage['headers']
  /** Of a POST with a form; else empty. */
  form: URLSearchParams
}

export interface Endpoint<Name extends string> {
  name: Name
  methods: readonly ('GET' | 'POST')[]
  answer(call: Call): Reply | Promise<Reply>
}

export interface ProviderServer {
  origin: string
  close(): Promise<void>
}

export const redirect = (to: URL | string, headers: Record<string, string> = {}): Reply => ({
  status: 302,
  headers: { location: String(to), 'cache-control': 'no-store', ...headers },
  body: '',
})

/** The header's token after its scheme, or undefined. */
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
 * Listens on a free loopback port, or on the one given.
 * @param requests every call is added here before it is answered
 */
export const providerServer = async <Name extends string>({
  endpoints,
  faultOf,
  requests,
  tooManyRequests = json(429, { error: 'rate_limit_exceeded' }),
  port = 0,
}: {
  endpoints: Readonly<Record<string, Endpoint<Name>>>
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
    // What never gets to the work has no effect there either.
    const idle = fault === 'status_500' || fault === 'too_many_requests'
    const reply = idle ? json(200, {}) : await endpoint.answer(call)
    if (fault === 'reset_after_commit') return request.socket.resetAndDestroy()
    if (typeof fault !== 'object') return send(response, spoilt(reply, fault, tooManyRequests))
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
