// Random requests for the fuzz tests: odd methods, repeated and unknown fields, wrong content types, broken
// UTF-8, oversized bodies, forged credentials, and foreign origins and redirect URIs.
import fc from 'fast-check'
import { httpBytes } from '../support/raw-request.ts'

/** Values that exist only while an issuer runs. A random request refers to them by number. */
export interface Material {
  /** Values for any field: forged ones, and genuine ones that must have no effect in a wrong field. */
  texts: readonly string[]
  bearers: readonly string[]
  cookies: readonly string[]
}

const markup = '"><script>alert(1)</script>'

const words = (text: string): string[] => text.trim().split(/\s+/)

const fieldNames = [
  ...words(`grant_type client_id client_secret code code_verifier redirect_uri refresh_token token token_type_hint
    scope resource audience response_type response_mode state nonce prompt max_age login_hint id_token_hint ui_locales
    request request_uri code_challenge_method resume post_logout_redirect_uri confirm decision login username email
    password current name session client end_others delivery refresh next access_token assertion client_assertion error
    iss __proto__ constructor`),
  '',
]

const oddTexts = [
  ...words(`0 -1 1e999 true null [] {} 😀 가나다 ı ﬀ authorization_code refresh_token client_credentials password
    constructor __proto__ code token none login query form_post fragment S256 yes allow cookie % %zz %00 usr_x
    https://evil.example/ //evil.example /\\evil.example javascript:alert(1) https://app.example/callback/
    https://app.example@evil.example/ http://127.0.0.1:1/callback ../../etc/passwd`),
  '',
  ' ',
  '\u0000',
  '\ufffd',
  'code id_token',
  'none login',
  'a'.repeat(5000),
  'A'.repeat(43),
  markup,
  'x\r\nset-cookie: injected=1',
  "'; drop table users; --",
]

/** A fixed text, or the number of an entry in `Material.texts`. */
type Text = string | { text: number }

/** The entry number `n`. Counting starts again after the last entry. */
export const nth = (list: readonly string[], n: number): string => list[n % list.length] ?? ''

const read = (value: Text, { texts }: Material): string =>
  typeof value === 'string' ? value : nth(texts, value.text)

/** Percent-encodes the text. A lone surrogate has no UTF-8, so U+FFFD replaces it. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

const aText: fc.Arbitrary<Text> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 4, arbitrary: fc.record({ text: fc.nat(999) }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
)

export type Fields = readonly (readonly [string, Text])[]

const someFields: fc.Arbitrary<Fields> = fc.array(fc.tuple(fc.constantFrom(...fieldNames), aText), {
  maxLength: 9,
})

const materialText = fc.record({ text: fc.nat(999) })

/** The fields a thief sends: a client id without its secret, and any genuine or forged token. */
export const stolenFields: fc.Arbitrary<Fields> = fc
  .record({
    client_id: fc.constantFrom('of the owner', 'of the thief'),
    grant_type: fc.constantFrom('authorization_code', 'refresh_token', 'client_credentials'),
    // The first ten texts are genuine.
    stolen: fc.oneof(fc.nat(9), fc.nat(999)),
    code_verifier: materialText,
  })
  .map(({ client_id, grant_type, stolen, code_verifier }) => [
    ['client_id', { text: client_id === 'of the owner' ? 0 : 1 }],
    ...['code', 'refresh_token', 'token', 'refresh'].map((name) => [name, { text: stolen }] as const),
    ...Object.entries({ grant_type, code_verifier }),
  ])

export const asForm = (fields: Fields, material: Material): string =>
  fields.map(([name, value]) => `${encoded(name)}=${encoded(read(value, material))}`).join('&')

export const asJson = (fields: Fields, material: Material): string =>
  `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(read(value, material))}`).join(',')}}`

const brokenUtf8 = Buffer.from([0x61, 0x3d, 0xff, 0xfe, 0xc3, 0x28])

const oddBodies: readonly (string | Buffer)[] = [
  '',
  '&&&',
  '=',
  'a=%ff',
  'a=%',
  '{',
  '[]',
  'null',
  '"x"',
  'a=1&'.repeat(100),
  '[['.repeat(30_000),
  'x'.repeat(70_000),
  '{"email":["a@b.c"],"password":{"x":1}}',
  '{"__proto__":{"admin":true}}',
  brokenUtf8,
  Buffer.concat([Buffer.from('{"refresh":"'), brokenUtf8, Buffer.from('"}')]),
]

type Body = { form: Fields } | { json: Fields } | { bytes: string | Buffer }

const contentOf = (body: Body, material: Material): string | Buffer => {
  if ('form' in body) return asForm(body.form, material)
  return 'json' in body ? asJson(body.json, material) : body.bytes
}

export const formType = 'application/x-www-form-urlencoded'

const oddTypes = [
  formType,
  'application/json',
  'application/json; charset=utf-16',
  `${formType}; charset=euc-kr`,
  'multipart/form-data; boundary=x',
  'text/plain',
  'application/xml',
  'application/secevent+jwt',
  ';;;',
  '',
  'APPLICATION/JSON',
  'application/*',
]

/** A content type with a body. Most of them belong together. */
const content = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant(formType), body: fc.record({ form: someFields }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('application/json'), body: fc.record({ json: someFields }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom(...oddTypes),
      body: fc.oneof(
        fc.record({ form: someFields }),
        fc.record({ bytes: fc.constantFrom(...oddBodies) }),
        fc.record({ bytes: fc.json() }),
      ),
    }),
  },
)

type Authorization = string | { bearer: number } | { basic: number; secret: Text }

const authorization: fc.Arbitrary<Authorization> = fc.oneof(
  fc.record({ bearer: fc.nat(999) }),
  fc.record({ basic: fc.nat(1), secret: aText }),
  fc.constantFrom('Basic', 'Basic ====', 'Basic Og==', 'Bearer', 'Bearer a b', 'DPoP x', 'KakaoAK x', ','),
)

const authorizationOf = (value: Authorization, material: Material): string => {
  if (typeof value === 'string') return value
  if ('bearer' in value) return `Bearer ${nth(material.bearers, value.bearer)}`
  const pair = `${encoded(material.texts[value.basic] ?? '')}:${encoded(read(value.secret, material))}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

export const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })

const otherHeaders = fc.record({
  // The issuer's own origin is left out, because the genuine cookie is valid with it.
  origin: optional(fc.constantFrom('https://evil.example', 'null', 'https://app.example', '', 'x', markup)),
  'sec-fetch-site': optional(fc.constantFrom('cross-site', 'same-site', 'none', 'x')),
  'x-forwarded-for': fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('', 'unknown', 'x'.repeat(300), '1.2.3.4, 5.6.7.8', "' or 1=1", '1.2.3.4:5678'),
  ),
  'accept-language': optional(fc.constantFrom('ko', 'en;q=x', '*', ',,;;', 'x'.repeat(300))),
  'if-none-match': optional(fc.constantFrom('*', '""', 'W/"x"')),
  'content-encoding': optional(fc.constantFrom('gzip', 'identity')),
})

export const aRequest = fc.record({
  route: fc.nat(9999),
  method: fc.oneof(
    { weight: 6, arbitrary: fc.constant('of the route') },
    { weight: 1, arbitrary: fc.constantFrom(...words('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE FOO')) },
  ),
  parameter: aText,
  suffix: fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('/', '/x', '%00', '%ff', ';a', '//') },
  ),
  query: someFields,
  content,
  authorization: optional(authorization),
  cookie: optional(fc.nat(999)),
  otherHeaders,
})
type RandomRequest = typeof aRequest extends fc.Arbitrary<infer Value> ? Value : never

export interface RawRequest {
  method: string
  path: string
  bytes: Buffer
}

/** The bytes of a random request to one of the routes. */
export const bytesOf = (
  request: RandomRequest,
  routes: readonly (readonly [method: string, pattern: string])[],
  material: Material,
): RawRequest => {
  const mounted = routes.filter(([method]) => method !== 'OPTIONS')
  const [ownMethod, pattern] = mounted[request.route % mounted.length] ?? ['GET', '/']
  const parameter = encoded(read(request.parameter, material)).slice(0, 150) || 'x'
  const path = `${pattern.replaceAll(/:\w+/g, () => parameter)}${request.suffix}`
  const method = request.method === 'of the route' ? ownMethod : request.method
  const query = request.query.length > 0 ? `?${asForm(request.query, material)}` : ''
  const headers: Record<string, string | undefined> = {
    ...request.otherHeaders,
    ...(request.authorization !== undefined && {
      authorization: authorizationOf(request.authorization, material),
    }),
    ...(request.cookie !== undefined && { cookie: nth(material.cookies, request.cookie) }),
  }
  const bodyless = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)
  const { type, body } = request.content
  if (!bodyless) headers['content-type'] = type
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  const bytes = httpBytes(method, `${path}${query}`, lines, bodyless ? '' : contentOf(body, material))
  return { method, path, bytes }
}
