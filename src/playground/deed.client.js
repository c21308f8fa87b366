// The published keys, the check of a signature, and the deed: the sheet that shows a token with its seal.
// biome-ignore-all lint/correctness/noUnusedVariables: other parts of the script use these names.
let jwks = { keys: [] }
let jwksEtag = null
let unchanged = 0
let firstKids = null
let goneKids = []
let changedAt = 0

const fetchKeys = async () => {
  const headers = jwksEtag ? { 'If-None-Match': jwksEtag } : {}
  const { status, body, etag } = await ask('GET', keysPath, { headers })
  if (status === 304) unchanged += 1
  if (status === 200 && Array.isArray(body.keys)) {
    const kids = body.keys.map(({ kid }) => kid)
    goneKids = [...new Set([...goneKids, ...jwks.keys.map(({ kid }) => kid)])].filter(
      (kid) => !kids.includes(kid),
    )
    firstKids ??= kids
    jwks = body
    jwksEtag = etag
    unchanged = 0
    changedAt = seconds()
  }
  renderKeys()
}

const keyNode = (kid) => {
  const signs = state.tokens && decode(state.tokens.access).header?.kid === kid
  const fresh = !firstKids?.includes(kid)
  const gone = goneKids.includes(kid)
  return element(
    'li',
    { class: [signs && 'signs', fresh && 'fresh', gone && 'gone'].filter(Boolean).join(' ') },
    element('code', {}, kid),
    signs && element('span', { class: 'tag' }, texts.signs),
    fresh && !gone && element('span', { class: 'tag is-fresh' }, texts.fresh),
    gone && element('span', { class: 'tag is-fresh' }, texts.gone),
  )
}

const renderKeys = () => {
  $('keys').replaceChildren(...[...jwks.keys.map(({ kid }) => kid), ...goneKids].map(keyNode))
  const time = new Date(changedAt * 1000).toLocaleTimeString(lang)
  if (changedAt) say('keys', fill(texts.polled, { count: unchanged + 1, time }))
  $('step-keys').classList.toggle(
    'is-done',
    Boolean(state.tokens) && firstKids?.includes(decode(state.tokens.access).header?.kid) === false,
  )
}

/** Checks RS256 with the published key that the header names (RFC 7515 §5.2). */
const verify = async (token) => {
  const { header, parts } = decode(token)
  if (header?.alg !== 'RS256') return 'invalid'
  const find = () => jwks.keys.find(({ kid, kty }) => kid === header.kid && kty === 'RSA')
  if (!find()) await fetchKeys()
  const jwk = find()
  if (!jwk) return 'unknownKey'
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  try {
    const { kty, n, e } = jwk
    const key = await crypto.subtle.importKey('jwk', { kty, n, e }, algorithm, false, ['verify'])
    const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`)
    const good = await crypto.subtle.verify(algorithm.name, key, fromBase64url(parts[2]), signed)
    return good ? 'valid' : 'invalid'
  } catch {
    return 'invalid'
  }
}

/** The token that the deed shows, and whether one of its letters is changed. */
const deed = { which: 'access', tampered: false }

const times = ['exp', 'iat', 'auth_time', 'nbf', 'updated_at']
const claimNode = ([name, value]) => {
  const isTime = times.includes(name) && typeof value === 'number'
  const list = Array.isArray(value) && `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
  const text = isTime ? dateTime(value) : typeof value === 'string' ? value : list || JSON.stringify(value)
  const label = Object.hasOwn(claimTexts, name) ? claimTexts[name] : ''
  return element(
    'div',
    {},
    element('dt', {}, label, element('code', {}, name)),
    element('dd', { class: isTime ? 'plain' : '', title: isTime ? String(value) : undefined }, text),
  )
}

/** Changes one letter in the middle of the claims. */
const tamper = (token) => {
  const [header, payload, signature] = token.split('.')
  const at = Math.floor(payload.length / 2)
  const letter = payload[at] === 'A' ? 'B' : 'A'
  return { token: [header, payload.slice(0, at) + letter + payload.slice(at + 1), signature].join('.'), at }
}

const jwtNodes = (token, at) => {
  const [header, payload, signature] = token.split('.')
  const middle =
    at === undefined
      ? [payload]
      : [payload.slice(0, at), element('mark', {}, payload[at]), payload.slice(at + 1)]
  return [
    element('span', { class: 'jwt-header' }, header),
    '.',
    element('span', { class: 'jwt-payload' }, ...middle),
    '.',
    element('span', { class: 'jwt-signature' }, signature),
  ]
}

/** Counts the calls, so that a slow check never overwrites the result of a later one. */
let drawings = 0
const renderDeed = async () => {
  drawings += 1
  const drawing = drawings
  const original = state.tokens?.[deed.which]
  if (!original) return
  const { token, at } = deed.tampered ? tamper(original) : { token: original }
  const { header, payload } = decode(original)
  $('deed-title').textContent = $(`show-${deed.which}`).textContent
  $('deed-header').textContent = [header.typ, header.alg, `kid ${shortKid(header)}`]
    .filter(Boolean)
    .join(' · ')
  $('claims').replaceChildren(...Object.entries(payload).map(claimNode))
  $('jwt').replaceChildren(...jwtNodes(token, at))
  for (const name of ['access', 'id'])
    $(`show-${name}`).setAttribute('aria-pressed', String(name === deed.which))
  $('show-id').disabled = !state.tokens.id
  $('tamper').setAttribute('aria-pressed', String(deed.tampered))
  $('tamper').textContent = deed.tampered ? $('tamper').dataset.restore : $('tamper').dataset.label
  $('deed').dataset.verdict = 'checking'
  $('verdict').textContent = texts.checking
  const verdict = await verify(token)
  if (drawing !== drawings) return
  $('deed').dataset.verdict = verdict === 'valid' ? 'valid' : 'invalid'
  $('verdict').textContent = fill(texts[verdict], { kid: shortKid(header) })
  $('step-token').classList.toggle('is-done', verdict === 'valid')
  renderKeys()
}

const renderLife = () => {
  const payload = state.tokens?.[deed.which] && decode(state.tokens[deed.which]).payload
  if (!payload) return
  const left = Math.max(0, payload.exp - seconds())
  const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
  $('left').textContent = left > 0 ? text : texts.expired
  $('life').style.setProperty('--left', String(Math.min(1, left / Math.max(1, payload.exp - payload.iat))))
}
