// A client app on another origin. It records the requests that a browser sends to its callback.
import { createServer } from 'node:http'
import { freePort } from '../../harness/free-port.ts'

export interface ClientSite {
  origin: string
  redirectUri: string
  /** The requested URLs with their query. A POST has its body as the query. */
  visits: URL[]
  close(): Promise<void>
}

export const clientSite = async (): Promise<ClientSite> => {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const visits: URL[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', origin)
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.method === 'POST') url.search = body
    if (url.pathname !== '/favicon.ico') visits.push(url)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(
      '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>App</title><h1>Back at the app</h1>',
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    origin,
    redirectUri: `${origin}/callback`,
    visits,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
