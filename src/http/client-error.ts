// What never became a request (broken or endless headers, silence): answered on the bare socket, in the same error
// contract as everything else. The bytes that came stay out of the log.
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

/** The listener of Node's `clientError`. */
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
      'cache-control: no-store',
      'connection: close',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}
