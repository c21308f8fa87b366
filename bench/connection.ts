// One HTTP connection on a raw socket. It needs less processor time than node:http, which leaves more for the
// server. It understands only answers that have a length.
import { createConnection, type Socket } from 'node:net'

export interface Answer {
  status: number
  /** The status line and the headers. */
  head: string
  body: string
}

export interface Connection {
  /** Sends a request and waits for its answer. One request at a time. */
  send(request: string): Promise<Answer>
  close(): void
}

/** No request of the benchmark takes longer on a server that works. */
const timeoutMs = 20_000

/** The text of a request, without the length of the body. */
export const requestText = (
  method: 'GET' | 'POST',
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = method === 'POST' ? `content-length: ${Buffer.byteLength(body)}\r\n` : ''
  return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}${length}\r\n${body}`
}

/** Reads the answer if it is complete. */
const readAnswer = (received: Buffer): Answer | undefined => {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = received.toString('latin1', 0, end)
  const status = Number(head.slice(9, 12))
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? (status === 204 ? 0 : Number.NaN))
  if (Number.isNaN(length)) throw new Error(`This answer has no length:\n${head}`)
  if (received.length < end + 4 + length) return undefined
  return { status, head, body: received.toString('utf8', end + 4, end + 4 + length) }
}

export const connect = async (origin: string): Promise<Connection> => {
  const { hostname, port } = new URL(origin)
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined
  let received: Buffer | undefined

  const fail = (error: Error) => {
    waiting?.reject(error)
    waiting = undefined
  }
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opening = createConnection({ host: hostname, port: Number(port), noDelay: true })
    opening.once('connect', () => resolve(opening))
    opening.once('error', reject)
  })
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`No answer within ${timeoutMs} ms.`)))
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('The server closed the connection.')))
  socket.on('data', (chunk: Buffer) => {
    received = received === undefined ? chunk : Buffer.concat([received, chunk])
    try {
      const answer = readAnswer(received)
      if (answer === undefined) return
      received = undefined
      waiting?.resolve(answer)
      waiting = undefined
    } catch (error) {
      fail(error as Error)
    }
  })

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request, 'utf8')
      }),
    close: () => socket.destroy(),
  }
}
