// An Express service that accepts access tokens from Dojang. It verifies tokens without a call to the issuer
// and rejects a revoked token within five seconds.
import { createVerifier } from '@dojang/verifier'
import { requireToken, requireUser } from '@dojang/verifier/express'
import cors from 'cors'
import express from 'express'

const { ISSUER = 'http://localhost:4000', PORT = '8002' } = process.env
// Pages on these origins may read the answers, for example the single-page app in ../spa.
const { ALLOWED_ORIGINS = 'http://localhost:5173' } = process.env
const { AUDIENCE = `${ISSUER}/api` } = process.env

const verifier = createVerifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  name: 'example-express',
  onError: (error) => console.warn(error.message),
})
await verifier.start()

// The users of this service. A real service keeps them in its database.
const users = new Map()

// Creates a user at the first request. There is one issuer, so the subject is enough to find the user again.
const findOrCreate = ({ subject }) => {
  if (!users.has(subject)) users.set(subject, { subject, number: users.size + 1 })
  return users.get(subject)
}

const app = express()
app.disable('x-powered-by')
app.use(cors({ origin: ALLOWED_ORIGINS.split(','), allowedHeaders: ['authorization'], maxAge: 600 }))
app.get('/', (_request, response) => response.json({ hello: 'everybody' }))
app.get('/me', requireUser(verifier, findOrCreate), ({ user }, response) => response.json(user))
app.get('/orders', requireToken(verifier, { scopes: ['orders:read'] }), ({ token }, response) =>
  response.json({ of: token.subject, orders: [{ id: '1', title: 'Notebook', quantity: 2 }] }),
)
app.get('/admin', requireToken(verifier, { roles: ['admin'] }), ({ token }, response) =>
  response.json({ admin: token.subject }),
)

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}`))
process.once('SIGTERM', () => {
  verifier.stop()
  server.close()
})
