// Sends requests to a provider within limits: only its own hosts, 5 seconds, no redirects, 64 KB, only JSON.
// Bodies are never logged (F17 in docs/security.md).
import { Unavailable } from '../../unavailable.ts'
import { UpstreamRefusal } from './provider.ts'

export type GuardedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** For the whole call, including the body. */
export const upstreamTimeoutMs = 5000
const maxBodyBytes = 65_536

/** The same path at the configured origin that replaces the provider, if there is one. */
export const atOrigin = (origin: string | undefined, url: URL): URL =>
  origin === undefined ? url : new URL(`${url.pathname}${url.search}`, origin)

const readCapped = async (response: Response): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > maxBodyBytes) throw new UpstreamRefusal('the response is too large')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Statuses for which `Response` accepts no body. */
const statusesWithoutBody = [204, 205, 304]

/**
 * The returned response is complete, so reading its body cannot fail.
 * @param hosts the origins that may be called; `origin`, if set, receives the calls instead
 * @throws {Unavailable} if the provider fails (status 5xx, 429, or no response)
 * @throws {UpstreamRefusal} if the response is not a complete JSON response
 */
export const createGuardedFetch =
  ({
    name,
    hosts,
    origin,
  }: {
    name: string
    hosts: readonly string[]
    origin?: string | undefined
  }): GuardedFetch =>
  async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    if (!hosts.includes(url.origin)) throw new Error(`${url.origin} is not a host of ${name}`)
    const headers = new Headers(request.headers)
    headers.delete('content-length')
    try {
      const response = await fetch(atOrigin(origin, url), {
        method: request.method,
        headers,
        ...(request.method !== 'GET' && { body: await request.arrayBuffer() }),
        redirect: 'manual',
        signal: AbortSignal.any([request.signal, AbortSignal.timeout(upstreamTimeoutMs)]),
      })
      const { status } = response
      if (status === 429 || status >= 500) {
        await response.body?.cancel()
        throw new Unavailable(`${name} (status ${status})`)
      }
      if (status >= 300 && status < 400) {
        await response.body?.cancel()
        throw new UpstreamRefusal('the response is a redirect')
      }
      const body = await readCapped(response)
      const type = response.headers.get('content-type') ?? ''
      if (body.length > 0 && !/^application\/([\w.-]+\+)?json\b/i.test(type))
        throw new UpstreamRefusal('the response is not JSON')
      return new Response(statusesWithoutBody.includes(status) ? null : new Uint8Array(body), {
        status,
        headers: { 'content-type': type },
      })
    } catch (cause) {
      if (cause instanceof UpstreamRefusal || cause instanceof Unavailable) throw cause
      throw new Unavailable(name, { cause })
    }
  }
