// A proxy in front of a server. A test can cut its connections, restore them, or hold back the data.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '../../harness/free-port.ts'

export interface Severable {
  /** The server's URL with the address of the proxy. */
  url: string
  /** Ends every connection and refuses new ones. */
  sever(): Promise<void>
  /** Accepts connections again. */
  repair(): Promise<void>
  /** Keeps connections open and accepts new ones, but holds back all data until `thaw`. */
  freeze(): void
  thaw(): void
  /** Drops the next answer of the server and ends that connection. The server still executes the request. */
  loseNextAnswer(): void
}

/** @param observeConnection its result receives all data that the client of one connection sends */
export const severable = async (
  target: string,
  observeConnection?: () => (data: Buffer) => void,
): Promise<Severable> => {
  const { hostname, port } = new URL(target)
  const own = await freePort()
  const sockets = new Set<Socket>()
  let losing = false
  let frozen = false
  let server: Server | undefined

  const relay = (near: Socket) => {
    const far = connect(Number(port), hostname)
    const observe = observeConnection?.()
    const end = () => {
      near.destroy()
      far.destroy()
    }
    near.on('data', (chunk) => {
      observe?.(chunk)
      far.write(chunk)
    })
    for (const socket of [near, far]) {
      sockets.add(socket)
      if (frozen) socket.pause()
      socket.on('error', end).on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    far.on('data', (chunk) => {
      if (!losing) return near.write(chunk)
      losing = false
      return end()
    })
  }

  const repair = async () => {
    server = createServer(relay)
    await new Promise<void>((resolve, reject) =>
      server?.once('error', reject).listen(own, '127.0.0.1', resolve),
    )
  }
  await repair()

  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(own)
  return {
    url: url.href.replace(/\/$/, ''),
    sever: async () => {
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
    repair,
    freeze: () => {
      frozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw: () => {
      frozen = false
      for (const socket of sockets) socket.resume()
    },
    loseNextAnswer: () => {
      losing = true
    },
  }
}
