import { describe, expect, test } from 'vitest'
import { pkce } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})

/** Percent-encodes every character. Form-encoding allows that. */
const percentEncoded = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')

const machine = () => issuer.client({ grants: ['client_credentials'], scopes: [] })
const asMachine = { grant_type: 'client_credentials' }
const secretOf = (client: { secret?: string }) => String(client.secret)

describe('the form of a request', () => {
  test('rejects grant_type=password as unsupported_grant_type (A8)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const answer = await issuer.form('/token', {
      grant_type: 'password',
      username: user.email,
      password: user.password,
      client_id: client.id,
      client_secret: secretOf(client),
    })
    expect(answer.status).toBe(400)
    expect(answer.json.error).toBe('unsupported_grant_type')
  })

  test.each([
    'implicit',
    'constructor',
    '__proto__',
    'toString',
    'AUTHORIZATION_CODE',
    'authorization_code ',
  ])('rejects grant_type=%s as unsupported_grant_type (A8)', async (grant_type) => {
    const client = await issuer.client()
    const answer = await issuer.form('/token', { grant_type }, basic(client.id, secretOf(client)))
    expect(answer.json.error).toBe('unsupported_grant_type')
  })

  test.each([
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
  ])(
    'rejects %s, a grant that Dojang does not support, as unsupported_grant_type (A25)',
    async (grant_type) => {
      const client = await issuer.client()
      const answer = await issuer.form('/token', { grant_type }, basic(client.id, secretOf(client)))
      expect(answer.json.error).toBe('unsupported_grant_type')
    },
  )

  test.each(['/token', '/revoke', '/introspect'])(
    'rejects a JSON body at %s as invalid_request (A9)',
    async (path) => {
      const client = await machine()
      const body = { ...asMachine, token: 'x', client_id: client.id, client_secret: client.secret }
      const answer = await issuer.json(path, body)
      expect(answer.status).toBe(400)
      expect(answer.json.error).toBe('invalid_request')
    },
  )

  test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/xml', ''])(
    'rejects a body with the content type "%s" as invalid_request (A9)',
    async (type) => {
      const client = await machine()
      const body = new URLSearchParams({
        ...asMachine,
        client_id: client.id,
        client_secret: secretOf(client),
      })
      const headers: Record<string, string> = type === '' ? {} : { 'content-type': type }
      const answer = await issuer.send('/token', {
        method: 'POST',
        body: Buffer.from(body.toString()),
        headers,
      })
      expect(answer.json.error).toBe('invalid_request')
    },
  )

  test('answers 405 and no token to a token request by GET (A9)', async () => {
    const client = await machine()
    const query = new URLSearchParams({ ...asMachine, client_id: client.id, client_secret: secretOf(client) })
    const answer = await issuer.send(`/token?${query}`)
    expect(answer.status).toBe(405)
    expect(answer.body).not.toContain('access_token')
  })

  test.each(['client_secret', 'code', 'refresh_token', 'code_verifier', 'token', 'password'])(
    'rejects %s in the query string, even if the body is valid (A9)',
    async (name) => {
      const client = await machine()
      const answer = await issuer.form(`/token?${name}=x`, asMachine, basic(client.id, secretOf(client)))
      expect(answer.json.error).toBe('invalid_request')
    },
  )

  test.each(['/revoke', '/introspect'])(
    '%s accepts only POST, with all parameters in the body (A9)',
    async (path) => {
      const client = await machine()
      const headers = basic(client.id, secretOf(client))
      expect((await issuer.form(`${path}?token=x`, { token: 'x' }, headers)).json.error).toBe(
        'invalid_request',
      )
      expect((await issuer.send(`${path}?token=x`, { headers })).status).toBe(405)
      expect((await issuer.form(path, { token: 'x' }, headers)).status).toBe(200)
    },
  )

  test('a parameter that is only in the query string counts as absent (A9)', async () => {
    const client = await machine()
    const query = `/token?grant_type=client_credentials&client_id=${client.id}`
    const answer = await issuer.form(query, { client_secret: secretOf(client) })
    expect(answer.json.error).toBe('invalid_client')
  })

  test.each(['/token', '/revoke', '/introspect'])(
    'rejects a repeated parameter at %s as invalid_request (A10)',
    async (path) => {
      const client = await issuer.client()
      const fields: [string, string][] = [
        ['grant_type', 'refresh_token'],
        ['refresh_token', 'x'],
        ['token', 'x'],
        ['client_id', client.id],
        ['client_secret', secretOf(client)],
      ]
      for (const [name, value] of [...fields, ['unknown', '1'] as const]) {
        const repeated: [string, string][] = [...fields, ['unknown', '1'], [name, value]]
        expect((await issuer.form(path, repeated)).json.error).toBe('invalid_request')
      }
    },
  )

  test('an empty parameter counts as absent, and an unknown one is ignored (A10)', async () => {
    const client = await machine()
    const fields = { ...asMachine, scope: '', client_id: '', client_secret: '', unknown: 'x' }
    expect((await issuer.form('/token', fields, basic(client.id, secretOf(client)))).status).toBe(200)
    const empty = await issuer.form('/token', { grant_type: '' }, basic(client.id, secretOf(client)))
    expect(empty.json.error).toBe('invalid_request')
  })
})

describe('client authentication', () => {
  test('accepts client_secret_post and client_secret_basic (A11)', async () => {
    const client = await machine()
    const posted = { ...asMachine, client_id: client.id, client_secret: secretOf(client) }
    expect((await issuer.form('/token', posted)).status).toBe(200)
    expect((await issuer.form('/token', asMachine, basic(client.id, secretOf(client)))).status).toBe(200)
  })

  test('form-decodes both halves of the Basic credentials (A11)', async () => {
    const client = await machine()
    const encoded = basic(percentEncoded(client.id), percentEncoded(secretOf(client)))
    expect((await issuer.form('/token', asMachine, encoded)).status).toBe(200)
    const broken = await issuer.form('/token', asMachine, basic(client.id, `${secretOf(client)}%zz`))
    expect(broken.json.error).toBe('invalid_client')
  })

  test('rejects two authentication methods in one request as invalid_request (A11)', async () => {
    const client = await machine()
    const both = { ...asMachine, client_secret: secretOf(client) }
    const answer = await issuer.form('/token', both, basic(client.id, secretOf(client)))
    expect(answer.status).toBe(400)
    expect(answer.json.error).toBe('invalid_request')
  })

  test('rejects a client_id in the body that differs from the Basic credentials (A11)', async () => {
    const [client, other] = [await machine(), await machine()]
    const headers = basic(client.id, secretOf(client))
    expect((await issuer.form('/token', { ...asMachine, client_id: client.id }, headers)).status).toBe(200)
    const answer = await issuer.form('/token', { ...asMachine, client_id: other.id }, headers)
    expect(answer.json.error).toBe('invalid_request')
  })

  test('rejects a confidential client without a secret, or with a wrong one, as invalid_client (A11)', async () => {
    const [client, other] = [await machine(), await machine()]
    for (const client_secret of ['', 'wrong', secretOf(other)]) {
      const answer = await issuer.form('/token', { ...asMachine, client_id: client.id, client_secret })
      expect(answer.status).toBe(401)
      expect(answer.json.error).toBe('invalid_client')
    }
  })

  test('rejects a public client that sends a secret as invalid_client (A11)', async () => {
    const client = await issuer.client({ secretHash: undefined } as never)
    const fields = { grant_type: 'refresh_token', refresh_token: 'x', client_id: client.id }
    expect((await issuer.form('/token', fields)).json.error).toBe('invalid_grant')
    const answer = await issuer.form('/token', { ...fields, client_secret: 'x' })
    expect(answer.json.error).toBe('invalid_client')
  })

  test('a client secret is stored only as a hash (A11)', async () => {
    const created = (await issuer.app.operations['clients.create']({
      redirectUris: ['https://app.example/callback'],
    })) as { client_id: string; client_secret: string }
    const kept = JSON.stringify(await issuer.stores.clients.find(created.client_id))
    expect(kept).not.toContain(created.client_secret)
    expect(Buffer.from(created.client_secret, 'base64url')).toHaveLength(32)
  })

  test('wrong client secrets are throttled, but the right one is accepted (A11)', async () => {
    const client = await machine()
    let last = await issuer.form('/token', asMachine, basic(client.id, 'guess'))
    for (let attempt = 0; attempt < 25; attempt += 1)
      last = await issuer.form('/token', asMachine, basic(client.id, `guess-${attempt}`))
    expect(last.status).toBe(401)
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await issuer.form('/token', asMachine, basic(client.id, secretOf(client)))).status).toBe(200)
  })

  test('a code or refresh token of another client gets the same invalid_grant as an unknown one (A11)', async () => {
    const [owner, other, user] = [await issuer.client(), await issuer.client(), await issuer.user()]
    const { refreshToken } = await issuer.tokens(owner, user)
    const foreign = await issuer.refresh(other, refreshToken)
    const unknown = await issuer.refresh(other, 'unknown')
    expect(foreign.status).toBe(400)
    expect(foreign.body).toBe(unknown.body)
    const { code, verifier } = await issuer.code(owner, user)
    expect((await issuer.redeem(other, code, verifier)).body).toBe(unknown.body)
    expect((await issuer.refresh(owner, refreshToken)).status).toBe(200)
  })

  test.each(['/token', '/revoke', '/introspect'])(
    'invalid_client at %s has a Basic challenge only if the client sent an Authorization header (A12)',
    async (path) => {
      const client = await machine()
      const fields = { ...asMachine, token: 'x' }
      const tried = await issuer.form(path, fields, basic(client.id, 'wrong'))
      expect(tried.status).toBe(401)
      expect(tried.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
      const posted = { ...fields, client_id: client.id, client_secret: 'wrong' }
      for (const body of [posted, fields, { ...fields, client_id: 'nobody' }]) {
        const answer = await issuer.form(path, body)
        expect(answer.status).toBe(401)
        expect(answer.json.error).toBe('invalid_client')
        expect(answer.headers.get('www-authenticate')).toBeNull()
      }
    },
  )

  test.each(['Basic', 'Basic !!!', 'Basic bm9jb2xvbg==', 'Bearer x', 'Digest username="x"'])(
    'rejects the header "%s" as invalid_client with a Basic challenge (A12)',
    async (authorization) => {
      const answer = await issuer.form('/token', asMachine, { authorization })
      expect(answer.status).toBe(401)
      expect(answer.json.error).toBe('invalid_client')
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/)
    },
  )

  test('a successful answer has no WWW-Authenticate header (A12)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { answer, accessToken, refreshToken } = await issuer.tokens(client, user)
    const headers = basic(client.id, secretOf(client))
    const answers = [
      answer,
      await issuer.bearer('/userinfo', accessToken),
      await issuer.form('/introspect', { token: accessToken }, headers),
      await issuer.form('/introspect', { token: 'x' }, headers),
      await issuer.form('/revoke', { token: refreshToken }, headers),
    ]
    for (const { status, headers } of answers) {
      expect(status).toBe(200)
      expect(headers.get('www-authenticate')).toBeNull()
    }
  })

  test('a wrong code or refresh token gets 400 without a challenge (A12)', async () => {
    const client = await issuer.client()
    for (const answer of [
      await issuer.refresh(client, 'x'),
      await issuer.redeem(client, 'x', pkce().verifier),
    ]) {
      expect(answer.status).toBe(400)
      expect(answer.headers.get('www-authenticate')).toBeNull()
    }
  })
})
