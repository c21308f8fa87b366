// Sends raw bytes on a socket, because fetch refuses to send invalid requests. One request gets one answer.
import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  headers: Map<string, string>
  body: string
}

/** Status 0 means that the server closed the connection without an answer. */
export const rawRequest = (url: string, bytes: string | Buffer): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    const finish = () => {
      const text = Buffer.concat(chunks).toString()
      const [head = '', ...rest] = text.split('\r\n\r\n')
      const [line = '', ...headers] = head.split('\r\n')
      resolve({
        status: Number(line.split(' ')[1] ?? 0),
        headers: new Map(
          headers.map((header) => {
            const cut = header.indexOf(':')
            return [header.slice(0, cut).toLowerCase(), header.slice(cut + 1).trim()]
          }),
        ),
        body: rest.join('\r\n\r\n'),
      })
    }
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk) => void chunks.push(chunk))
    socket.on('error', (error) => (chunks.length > 0 ? finish() : reject(error)))
    socket.on('end', finish)
    socket.write(bytes)
  })

/** A request with its content length. The connection closes after the answer. */
export const httpBytes = (
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[] = [],
  body: string | Buffer = '',
): Buffer => {
  const payload = Buffer.from(body)
  const all = [
    ['host', '127.0.0.1'],
    ['connection', 'close'],
    ...headers,
    ...(payload.length > 0 || method === 'POST' ? [['content-length', String(payload.length)]] : []),
  ]
  const head = [`${method} ${target} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`), '', '']
  return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), payload])
}
