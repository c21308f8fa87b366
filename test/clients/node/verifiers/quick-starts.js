// The verifiers as the documentation of each library shows them first.
import fastifyJwt from '@fastify/jwt'
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import Fastify from 'fastify'
import buildGetJwks from 'get-jwks'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import jwt from 'jsonwebtoken'
import jwksRsa from 'jwks-rsa'

const { ISSUER_URL, AUDIENCE } = process.env
const jwksUri = `${ISSUER_URL}/.well-known/jwks.json`

const joseKeys = createRemoteJWKSet(new URL(jwksUri))
export const jose = async (token) =>
  (await jwtVerify(token, joseKeys, { issuer: ISSUER_URL, audience: AUDIENCE })).payload

const client = jwksRsa({ jwksUri })
export const jsonwebtoken = (token) =>
  new Promise((resolve, reject) => {
    const getKey = (header, callback) =>
      client.getSigningKey(header.kid, (error, key) => callback(error, key?.getPublicKey()))
    jwt.verify(token, getKey, {}, (error, claims) => (error ? reject(error) : resolve(claims)))
  })

export const expressApp = express()
expressApp.use(auth({ issuerBaseURL: ISSUER_URL, audience: AUDIENCE }))
expressApp.get('/', (request, response) => response.json({ sub: request.auth.payload.sub }))

const getJwks = buildGetJwks()
export const fastifyApp = Fastify()
fastifyApp.register(fastifyJwt, {
  decode: { complete: true },
  secret: (_request, token) => {
    const { kid, alg } = token.header
    return getJwks.getPublicKey({ kid, domain: token.payload.iss, alg })
  },
})
fastifyApp.addHook('onRequest', (request) => request.jwtVerify())
fastifyApp.get('/', (request) => ({ sub: request.user.sub }))
