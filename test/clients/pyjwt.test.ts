// PyJWKClient of PyJWT, as a FastAPI or Django service uses it, against a started process.
import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { newClient } from '../support/served-person.ts'

const hasPyJwt = spawnSync('python3', ['-c', 'import jwt, cryptography']).status === 0
if (!hasPyJwt) {
  const advice = 'PyJWT is not installed: python3 -m pip install "pyjwt[crypto]"'
  if (process.env.CI) throw new Error(advice)
  console.warn(`\n!! The PyJWT tests are skipped. ${advice}\n`)
}

const program = `
import json, sys, jwt
from jwt import PyJWKClient
given = json.load(sys.stdin)
keys = PyJWKClient(given["jwks"])
try:
    claims = jwt.decode(
        given["token"], keys.get_signing_key_from_jwt(given["token"]).key, algorithms=["RS256"],
        issuer=given["issuer"], audience=given["audience"], options={"require": ["exp", "iat", "sub", "aud", "iss"]})
    print(json.dumps({"typ": jwt.get_unverified_header(given["token"])["typ"], "claims": claims}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__}))
`

describe.skipIf(!hasPyJwt)('PyJWT', () => {
  let installation: Installation
  let token: string
  beforeAll(async () => {
    installation = await newInstallation()
    await installation.serve()
    const { id, secret } = await newClient(installation, 'orders', ['--grant', 'client_credentials'])
    const response = await fetch(`${installation.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
    })
    token = ((await response.json()) as { access_token: string }).access_token
  })
  afterAll(() => installation?.remove())

  const check = (given: { token?: string; audience?: string } = {}) =>
    JSON.parse(
      execFileSync('python3', ['-c', program], {
        encoding: 'utf8',
        input: JSON.stringify({
          token,
          issuer: installation.url,
          audience: `${installation.url}/api`,
          jwks: `${installation.url}/.well-known/jwks.json`,
          ...given,
        }),
      }),
    )

  test('PyJWT accepts a new token at once and without leeway (B6)', () => {
    expect(check()).toMatchObject({ typ: 'at+jwt', claims: { sub: 'orders', iss: installation.url } })
  })

  test('PyJWT rejects a token for another audience (B3)', () => {
    expect(check({ audience: 'https://other.example' })).toEqual({ error: 'InvalidAudienceError' })
  })

  test('PyJWT rejects a token with a wrong signature', () => {
    const [header, payload] = token.split('.')
    expect(check({ token: `${header}.${payload}.${'A'.repeat(342)}` })).toEqual({
      error: 'InvalidSignatureError',
    })
  })
})
