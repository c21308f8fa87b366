// A service that cannot fetch anything. It reads public keys from .pem files in PEM_DIR or in this folder.
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, STATUS_CODES } from 'node:http'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, importSPKI, jwtVerify } from 'jose'

const { ISSUER = 'http://localhost:4000', PORT = '8004', PEM_DIR = import.meta.dirname } = process.env
const { AUDIENCE = `${ISSUER}/api` } = process.env

// The `kid` of a Dojang key is its thumbprint (RFC 7638), so the service can compute it from the file.
const keys = new Map()
for (const file of readdirSync(PEM_DIR).filter((name) => name.endsWith('.pem'))) {
  const key = await importSPKI(readFileSync(join(PEM_DIR, file), 'utf8'), 'RS256')
  keys.set(await calculateJwkThumbprint(await exportJWK(key)), key)
}
if (keys.size === 0) throw new Error(`There is no .pem file in ${PEM_DIR}. README.md says how to export one.`)

const keyOf = ({ kid }) => {
  const key = keys.get(kid)
  if (key === undefined) throw new Error(`This service has no key with the kid ${kid}.`)
  return key
}

const authenticate = async (authorization = '') => {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
  if (token === undefined) return { challenge: 'Bearer' }
  try {
    const options = {
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: 'at+jwt',
      algorithms: ['RS256'],
      clockTolerance: 10,
    }
    const { payload } = await jwtVerify(token, keyOf, { ...options, requiredClaims: ['exp', 'sub'] })
    return { claims: payload }
  } catch {
    return { challenge: 'Bearer error="invalid_token"' }
  }
}

const allowed = {
  '/me': () => true,
  '/orders': ({ scope = '' }) => scope.split(' ').includes('orders:read'),
  '/admin': ({ roles = [] }) => roles.includes('admin'),
}

const server = createServer(async (request, response) => {
  const send = (status, body, headers = {}) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  const refuse = (status, detail, headers = {}) =>
    send(
      status,
      { title: STATUS_CODES[status], status, detail },
      { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    )
  if (request.url === '/') return send(200, { hello: 'everybody' })
  if (!Object.hasOwn(allowed, request.url)) return refuse(404, 'This service has no such route.')
  const { challenge, claims } = await authenticate(request.headers.authorization)
  if (claims === undefined)
    return refuse(401, 'This request needs a valid access token.', { 'www-authenticate': challenge })
  if (!allowed[request.url](claims))
    return refuse(403, 'The access token does not allow this request.', {
      'www-authenticate': 'Bearer error="insufficient_scope"',
    })
  return send(200, { subject: claims.sub })
})
server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}`))
process.once('SIGTERM', () => server.close())
