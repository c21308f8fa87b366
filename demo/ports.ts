// The ports of the demo. It uses its fixed ports if they are free, so that its addresses can be remembered.
// Every further demo on the machine uses other ports.
import { createServer, type Socket } from 'node:net'

/** A port that nobody else can take until it is released. */
export interface HeldPort {
  port: number
  /** Call it just before the real server listens. */
  release(): Promise<void>
}

/** Holds the wanted port; undefined if it is taken. */
const hold = (wanted: number): Promise<HeldPort | undefined> =>
  new Promise((resolve, reject) => {
    const waiting = new Set<Socket>()
    const server = createServer((socket) => waiting.add(socket))
    server.once('error', (error: NodeJS.ErrnoException) =>
      wanted !== 0 && ['EADDRINUSE', 'EACCES'].includes(error.code ?? '')
        ? resolve(undefined)
        : reject(error),
    )
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : wanted
      const release = () =>
        new Promise<void>((released) => {
          server.close(() => released())
          for (const socket of waiting) socket.destroy()
        })
      resolve({ port, release })
    })
  })

const holdAny = async (): Promise<HeldPort> => {
  const held = await hold(0)
  if (held === undefined) throw new Error('127.0.0.1 has no free port.')
  return held
}

/**
 * One held port for each name. The first name decides: if its fixed port is taken, another demo runs or is
 * starting, so all ports are free ones.
 */
export const holdPorts = async <Name extends string>(
  wanted: readonly (readonly [Name, number])[],
): Promise<Record<Name, HeldPort>> => {
  let isFirstDemo = true
  const held: [Name, HeldPort][] = []
  for (const [name, port] of wanted) {
    const fixed = isFirstDemo ? await hold(port) : undefined
    if (held.length === 0 && fixed === undefined) isFirstDemo = false
    held.push([name, fixed ?? (await holdAny())])
  }
  return Object.fromEntries(held) as Record<Name, HeldPort>
}
