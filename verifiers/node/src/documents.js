// Fetches an issuer's documents, with a timeout and a size limit. Redirects are not followed.

const timeoutMs = 3000

/** @typedef {{ status: number, etag: string | undefined, body: string }} Document */
/** @typedef {{ maxBytes: number, headers?: Record<string, string> }} GetOptions */
/** @typedef {(url: string, options: GetOptions) => Promise<Document>} GetDocument */

/** True for https, and for http to this machine. @type {(url: string) => boolean} */
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
    if (size > maxBytes) throw new Error(`the body is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * Creates a function that fetches a document. It throws unless the status is 200 or 304.
 * @type {(fetcher: (url: string, init: RequestInit) => Promise<Response>) => GetDocument}
 */
export const createDocumentReader =
  (fetcher) =>
  async (url, { maxBytes, headers = {} }) => {
    if (!isFetchable(url)) throw new Error(`${url} must use https (http is allowed only on this machine)`)
    try {
      const response = await fetcher(url, {
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      const { status } = response
      if (status !== 200 && status !== 304) {
        await response.body?.cancel()
        throw new Error(`the server answered with status ${status}`)
      }
      const body = status === 200 ? await bodyOf(response, maxBytes) : ''
      return { status, etag: response.headers.get('etag') ?? undefined, body }
    } catch (error) {
      throw new Error(`Could not fetch ${url}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      })
    }
  }
