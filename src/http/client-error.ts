// Answers input that never became a request: broken headers, too large headers, a client that sends nothing.
// Writes the usual problem document to the bare socket. The received bytes are not logged.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

const statusOf = (code: string | undefined): 400 | 408 | 431 => {
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
}

const details = {
  400: 'This is not an HTTP request.',
  408: 'The request took too long to arrive.',
  431: 'The request headers are too large.',
} as const

/** Listens to Node's `clientError` event. */
export const answerClientError = ({ code }: { code?: string | undefined }, socket: Socket): void => {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = statusOf(code)
  const title = STATUS_CODES[status]
  const problem = { type: 'about:blank', title, status, code: 'invalid_request', detail: details[status] }
  const body = JSON.stringify(problem)
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'content-type: application/problem+json; charset=utf-8',
      'content-language: en',
      'cache-control: no-store',
      'connection: close',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}
