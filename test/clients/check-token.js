import { createServer } from 'node:http'

const { ISSUER_URL, AUDIENCE, CLIENT_ID, CLIENT_SECRET } = process.env
const credentials = `${encodeURIComponent(CLIENT_ID)}:${encodeURIComponent(CLIENT_SECRET)}`
const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`

const introspect = async (token) => {
  const response = await fetch(`${ISSUER_URL}/introspect`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams({ token }),
    signal: AbortSignal.timeout(3000),
  })
  if (!response.ok) throw new Error(`the issuer answered ${response.status}`)
  return response.json()
}

// The proxy lets a request pass only if this answers 204.
createServer(async ({ headers }, response) => {
  const [, token] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? []
  try {
    const found = token === undefined ? { active: false } : await introspect(token)
    const isForThisApi = found.token_type === 'Bearer' && [found.aud].flat().includes(AUDIENCE)
    if (found.active && isForThisApi) response.writeHead(204, { 'x-user': found.sub })
    else response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' })
  } catch (error) {
    console.error(error.message)
    response.writeHead(503)
  }
  response.end()
}).listen(4100, '127.0.0.1')
