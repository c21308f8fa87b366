// Generates load: repeats one kind of request for a given time, over connections that stay open.
import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface SentRequest {
  method: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: string
}

export interface ReceivedResponse {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export type Send = (sent: SentRequest) => Promise<ReceivedResponse>

export const connections = 16

/** Sends requests to one origin over at most `connections` connections. */
export const createSender = (origin: string): Send & { close(): void } => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(origin)
  const send: Send = ({ method, path, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const sending = request({ agent, hostname, port, method, path, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      })
      sending.on('error', reject)
      sending.end(body)
    })
  return Object.assign(send, { close: () => agent.destroy() })
}

export interface Measured {
  perSecond: number
  medianMs: number
  /** 99 of 100 requests took less time than this. */
  p99Ms: number
  count: number
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

export const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )

/** Runs `lanes` loops at the same time. A loop ends when the time is over or the task returns 'exhausted'. */
export const generateLoad = async (
  { lanes, forMs }: { lanes: number; forMs: number },
  task: (lane: number) => Promise<unknown>,
): Promise<Measured> => {
  const times: number[] = []
  const begin = performance.now()
  const lane = async (_: unknown, number: number) => {
    while (performance.now() - begin < forMs) {
      const start = performance.now()
      if ((await task(number)) === 'exhausted') return
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const seconds = (performance.now() - begin) / 1000
  const sorted = times.sort((a, b) => a - b)
  return {
    perSecond: times.length / seconds,
    medianMs: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    count: times.length,
  }
}
