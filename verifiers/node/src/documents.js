// Gets an issuer's documents: in time, not too large, from where it was asked and not where it was sent to.

const timeoutMs = 3000

/** @typedef {{ status: number, etag: string | undefined, body: string }} Document */
/** @typedef {(url: string, options: { maxBytes: number, headers?: Record<string, string> }) => Promise<Document>} GetDocument */

/** @type {(url: string) => boolean} */
export const isFetchable = (url) => {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback)
}

/** @type {(response: Response, maxBytes: number) => Promise<string>} */
const bodyOf = async (response, maxBytes) => {
  /** @type {Uint8Array[]} */
  const chunks = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * 200 or 304, else it throws.
 * @type {(fetcher: (url: string, init: RequestInit) => Promise<Response>) => GetDocument}
 */
export const documents =
  (fetcher) =>
  async (url, { maxBytes, headers = {} }) => {
    if (!isFetchable(url)) throw new Error(`${url} is not https`)
    try {
      const response = await fetcher(url, {
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      const { status } = response
      if (status !== 200 && status !== 304) {
        await response.body?.cancel()
        throw new Error(`status ${status}`)
      }
      const body = status === 200 ? await bodyOf(response, maxBytes) : ''
      return { status, etag: response.headers.get('etag') ?? undefined, body }
    } catch (error) {
      throw new Error(`${url} cannot be read: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      })
    }
  }
