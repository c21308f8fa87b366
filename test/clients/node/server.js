// All client libraries and verifiers for Node, under /clients/NAME and /verifiers/NAME.
import express from 'express'
import { app as authJs } from './clients/auth-js.js'
import { app as expressOpenidConnect } from './clients/express-openid-connect.js'
import * as oauth4webapi from './clients/oauth4webapi.js'
import * as openidClient from './clients/openid-client.js'
import { app as passport } from './clients/passport.js'
import { app as expressVerifier } from './verifiers/express.js'
import { app as fastifyVerifier } from './verifiers/fastify.js'
import * as jose from './verifiers/jose.js'
import * as jsonwebtoken from './verifiers/jsonwebtoken.js'
import * as quickStarts from './verifiers/quick-starts.js'

const { BASE_URL, PORT } = process.env

/** A library without routes of its own. */
const client = ({ begin, finish, refresh }) => {
  const router = express.Router()
  router.get('/login', async (_request, response) => response.redirect(await begin()))
  router.get('/callback', async (request, response) =>
    response.json(await finish(new URL(request.originalUrl, BASE_URL))),
  )
  router.get('/refresh', async (_request, response) => response.json(await refresh()))
  return router
}

const verifier = (verify) => async (request, response) => {
  try {
    const { sub } = await verify(request.get('authorization')?.replace('Bearer ', ''))
    response.json({ sub })
  } catch (error) {
    response.status(401).json({ error: String(error) })
  }
}

const fastify = (app) => async (request, response) => {
  await app.ready()
  app.routing(request, response)
}

const server = express()
server.use('/clients/openid-client', client(openidClient))
server.use('/clients/oauth4webapi', client(oauth4webapi))
server.use('/clients/passport', passport)
server.use('/clients/express-openid-connect', expressOpenidConnect)
server.use('/clients/auth-js', authJs)
server.use('/verifiers/jose', verifier(jose.verify))
server.use('/verifiers/jsonwebtoken', verifier(jsonwebtoken.verify))
server.use('/verifiers/express', expressVerifier)
server.use('/verifiers/fastify', fastify(fastifyVerifier))
server.use('/quick-starts/jose', verifier(quickStarts.jose))
server.use('/quick-starts/jsonwebtoken', verifier(quickStarts.jsonwebtoken))
server.use('/quick-starts/express', quickStarts.expressApp)
server.use('/quick-starts/fastify', fastify(quickStarts.fastifyApp))
server.get('/', (_request, response) => response.json({}))
server.use((error, _request, response, _next) =>
  response.status(error.status ?? 500).json({ error: String(error) }),
)
server.listen(PORT, '127.0.0.1')
