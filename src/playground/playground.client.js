// The browser's half of the playground: a plain public client. Everything it keeps is in this tab's sessionStorage.
const $ = (id) => document.getElementById(id)
const {
  issuer,
  clientId,
  graceSeconds,
  lang,
  texts,
  claims: claimTexts,
} = JSON.parse($('play').dataset.config)
const redirectUri = `${issuer}/`
const scope = 'openid profile email offline_access'
const storageKey = 'dojang.playground'
const pollMilliseconds = 5000

const load = () => {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey)) ?? {}
  } catch {
    return {}
  }
}
/** tokens: {access, id}; chain: refresh tokens in order; over: the family has ended; log: the wire log. */
const state = { log: [], ...load() }
const save = () => sessionStorage.setItem(storageKey, JSON.stringify(state))

const seconds = () => Math.floor(Date.now() / 1000)
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
const clock = (at) => new Date(at * 1000).toLocaleString(lang, { dateStyle: 'medium', timeStyle: 'medium' })
const shorten = (text) => (text.length > 44 ? `${text.slice(0, 16)}…${text.slice(-8)}` : text)

const shortKid = ({ kid = '' }) => (kid.length > 16 ? `${kid.slice(0, 12)}…` : kid)

/** An element with its text as text: nothing here is ever parsed as HTML. */
const el = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value)
  element.append(...children.filter((child) => child !== undefined && child !== false))
  return element
}

const say = (id, text, tone = '') => {
  const place = $(`says-${id}`)
  place.className = `says ${tone}`
  if (place.textContent !== text) place.textContent = text
}

const trouble = (text) => {
  $('trouble').hidden = text === undefined
  $('trouble').firstElementChild.textContent = text ?? ''
}

// --- base64url and tokens

const toBase64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
const random = () => toBase64url(crypto.getRandomValues(new Uint8Array(32)))
const sha256 = (text) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))

const readPart = (part) => {
  try {
    return JSON.parse(new TextDecoder().decode(fromBase64url(part)))
  } catch {
    return undefined
  }
}
const decode = (token) => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return { header: readPart(header), payload: readPart(payload), parts: [header, payload, signature] }
}

// --- the wire log

const shown = (body) =>
  typeof body === 'string'
    ? body
    : JSON.stringify(body, (_, value) => (typeof value === 'string' ? shorten(value) : value), 2)

const statusWord = ({ status, count }) => {
  const word = status === 0 ? texts.offline : typeof status === 'number' ? String(status) : texts[status]
  return count > 1 ? `${word} ×${count}` : word
}

const logNode = (entry, open) => {
  const tone = entry.status >= 400 || entry.status === 0 ? 'no' : entry.status < 300 ? 'ok' : ''
  return el(
    'li',
    {},
    el(
      'details',
      { open },
      el(
        'summary',
        {},
        el('b', {}, entry.method),
        el('span', { title: entry.path }, entry.path),
        el('i', { class: tone }, statusWord(entry)),
      ),
      el('pre', {}, [entry.sent, entry.received].filter(Boolean).join('\n\n')),
    ),
  )
}

const record = (entry) => {
  const last = state.log[0]
  const same = last && entry.status === 304 && last.status === 304 && last.path === entry.path
  if (same) {
    last.count = (last.count ?? 1) + 1
    $('wire').querySelector('i').textContent = statusWord(last)
  } else {
    state.log.unshift(entry)
    state.log.length = Math.min(state.log.length, 40)
    const quiet = entry.status === 304
    if (!quiet) for (const open of $('wire').querySelectorAll('details[open]')) open.open = false
    $('wire').prepend(logNode(entry, !quiet))
    while ($('wire').childElementCount > state.log.length) $('wire').lastElementChild.remove()
  }
  $('wire-empty').hidden = true
  save()
}

const lines = (params) => [...params].map(([name, value]) => `${name}=${shorten(value)}`).join('\n')

/** One request to the issuer, written down. A network failure is an answer with status 0. */
const ask = async (method, path, { form, headers = {} } = {}) => {
  const params = form && new URLSearchParams(form)
  const sent = [
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value.split(' ').map(shorten).join(' ')}`),
    ...(params ? [lines(params)] : []),
  ].join('\n')
  try {
    const response = await fetch(path, { method, headers, ...(params && { body: params }) })
    const text = await response.text()
    let body = text
    try {
      body = JSON.parse(text)
    } catch {
      // Not JSON: shown as it is.
    }
    record({ method, path, sent, status: response.status, received: text === '' ? '' : shown(body) })
    return { status: response.status, body, etag: response.headers.get('etag') }
  } catch {
    record({ method, path, sent, status: 0, received: '' })
    return { status: 0, body: {} }
  }
}

const go = (url) => {
  record({ method: 'GET', path: url.pathname, sent: lines(url.searchParams), status: 'navigates' })
  location.assign(url)
}

// --- signing in (RFC 6749 §4.1, RFC 7636)

const signIn = async () => {
  const pending = { verifier: random(), state: random(), nonce: random(), lang }
  const challenge = toBase64url(await sha256(pending.verifier))
  Object.assign(state, { pending, tokens: undefined, chain: undefined, over: undefined, notice: undefined })
  save()
  const url = new URL('/authorize', issuer)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ui_locales: lang,
  })
  go(url)
}

const keep = (body) => {
  state.tokens = { access: body.access_token, id: body.id_token ?? state.tokens?.id }
  state.over = undefined
}

/** The browser is back from /authorize: drop the parameters from the address first, then judge them. */
const comeBack = async () => {
  const params = new URLSearchParams(location.search)
  const answered = params.has('code') || params.has('error')
  const chosen = params.get('ui_locales')
  history.replaceState(null, '', chosen && /^[a-z]{2}$/.test(chosen) ? `/?ui_locales=${chosen}` : '/')
  // Signing out clears this origin's storage, so that it was done, and in which language, comes back as `state`.
  const signedOut = /^signed-out-(\w\w)$/.exec(params.get('state') ?? '')
  if (!answered && signedOut) {
    if (!state.tokens) state.notice = 'signedOut'
    save()
    if (signedOut[1] !== lang) location.replace(`/?ui_locales=${signedOut[1]}`)
  }
  if (!answered) return
  record({ method: 'GET', path: '/', sent: lines(params), status: 'returned' })
  const pending = state.pending
  state.pending = undefined
  save()
  // Another issuer's answer is a mix-up attack (RFC 9207 §2.4); another state is CSRF.
  if (!pending || params.get('state') !== pending.state || params.get('iss') !== issuer)
    return trouble(texts.badState)
  const error = params.get('error')
  if (error !== null)
    return trouble(fill(texts.refused, { error: /^[a-z_]{1,40}$/.test(error) ? error : 'error' }))
  const { status, body } = await ask('POST', '/token', {
    form: {
      grant_type: 'authorization_code',
      code: params.get('code'),
      redirect_uri: redirectUri,
      client_id: clientId,
      code_verifier: pending.verifier,
    },
  })
  if (status !== 200) return trouble(texts.exchangeFailed)
  if (body.id_token && decode(body.id_token).payload?.nonce !== pending.nonce) return trouble(texts.badNonce)
  keep(body)
  state.proof = { verifier: pending.verifier, challenge: toBase64url(await sha256(pending.verifier)) }
  state.chain = body.refresh_token ? [{ token: body.refresh_token, number: 1 }] : []
  save()
  if (pending.lang !== lang) location.replace(`/?ui_locales=${pending.lang}`)
}

// --- refreshing and replaying

const endFamily = (text) => {
  state.over = true
  say('refresh', text, 'bad')
}

const refresh = async (item) => {
  const chain = state.chain
  const current = chain.at(-1)
  const replayed = item !== current
  const form = { grant_type: 'refresh_token', refresh_token: item.token, client_id: clientId }
  const { status, body } = await ask('POST', '/token', { form })
  if (status === 200) {
    keep(body)
    const successor = chain.find(({ token }) => token === body.refresh_token)
    if (successor && successor !== item) say('refresh', fill(texts.same, { to: successor.number }), 'good')
    else if (successor || !body.refresh_token) say('refresh', texts.kept, 'good')
    else {
      item.usedAt = seconds()
      chain.push({ token: body.refresh_token, number: current.number + 1 })
      if (chain.length > 8) chain.shift()
      say('refresh', fill(texts.refreshed, { from: item.number, to: current.number + 1 }), 'good')
    }
  } else if (status === 400 || status === 401) {
    endFamily(replayed && !state.over ? fill(texts.reused, { from: item.number }) : texts.ended)
  } else say('refresh', fill(texts.trouble, { status }), 'bad')
  save()
  render()
}

const chainNode = (item, index) => {
  const last = index === state.chain.length - 1
  const graceLeft =
    index === state.chain.length - 2 && item.usedAt ? item.usedAt + graceSeconds - seconds() : 0
  const word = state.over ? texts.over : last ? texts.current : texts.used
  const what = graceLeft > 0 ? fill(texts.inGrace, { seconds: graceLeft }) : texts.asTheft
  const button =
    !last &&
    el(
      'button',
      {
        type: 'button',
        class: 'button plain small',
        'aria-label': fill(texts.replayLabel, { n: item.number }),
      },
      texts.replay,
    )
  if (button) button.addEventListener('click', () => refresh(item))
  return el(
    'li',
    { class: state.over ? 'is-over' : last ? 'is-current' : '' },
    el('b', {}, `R${item.number}`),
    el(
      'div',
      {},
      el('code', {}, shorten(item.token)),
      el('span', {}, last || state.over ? word : `${word} · ${what}`),
    ),
    button,
  )
}

/** Redrawn each second for the countdown, but only if it reads differently: focus must not be lost for nothing. */
let drawnChain = ''
const renderChain = () => {
  const nodes = (state.chain ?? []).map(chainNode)
  const drawn = nodes.map((node) => node.textContent + node.className).join()
  if (drawn === drawnChain) return
  drawnChain = drawn
  const focused = [...$('chain').querySelectorAll('button')].indexOf(document.activeElement)
  $('chain').replaceChildren(...nodes)
  if (focused >= 0) $('chain').querySelectorAll('button')[focused]?.focus()
}

// --- keys

let jwks = { keys: [] }
let jwksEtag = null
let unchanged = 0
let firstKids = null
let goneKids = []
let changedAt = 0

const fetchKeys = async () => {
  const headers = jwksEtag ? { 'If-None-Match': jwksEtag } : {}
  const { status, body, etag } = await ask('GET', '/.well-known/jwks.json', { headers })
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
  return el(
    'li',
    { class: [signs && 'signs', fresh && 'fresh', gone && 'gone'].filter(Boolean).join(' ') },
    el('code', {}, kid),
    signs && el('span', { class: 'tag' }, texts.signs),
    fresh && !gone && el('span', { class: 'tag is-fresh' }, texts.fresh),
    gone && el('span', { class: 'tag is-fresh' }, texts.gone),
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

/** RSASSA-PKCS1-v1_5 with SHA-256, against the key that the header names (RFC 7515 §5.2). */
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

// --- the deed

let which = 'access'
let tampered = false

const times = ['exp', 'iat', 'auth_time', 'nbf', 'updated_at']
const claimNode = ([name, value]) => {
  const isTime = times.includes(name) && typeof value === 'number'
  const list = Array.isArray(value) && `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
  const text = isTime ? clock(value) : typeof value === 'string' ? value : list || JSON.stringify(value)
  const label = Object.hasOwn(claimTexts, name) ? claimTexts[name] : ''
  return el(
    'div',
    {},
    el('dt', {}, label, el('code', {}, name)),
    el('dd', { class: isTime ? 'plain' : '', title: isTime ? String(value) : undefined }, text),
  )
}

/** One letter in the middle of the claims becomes another one. */
const tamper = (token) => {
  const [header, payload, signature] = token.split('.')
  const at = Math.floor(payload.length / 2)
  const letter = payload[at] === 'A' ? 'B' : 'A'
  return { token: [header, payload.slice(0, at) + letter + payload.slice(at + 1), signature].join('.'), at }
}

const jwtNodes = (token, at) => {
  const [header, payload, signature] = token.split('.')
  const middle =
    at === undefined ? [payload] : [payload.slice(0, at), el('mark', {}, payload[at]), payload.slice(at + 1)]
  return [
    el('span', { class: 'jwt-header' }, header),
    '.',
    el('span', { class: 'jwt-payload' }, ...middle),
    '.',
    el('span', { class: 'jwt-signature' }, signature),
  ]
}

let drawing = 0
const renderDeed = async () => {
  drawing += 1
  const mine = drawing
  const original = state.tokens?.[which]
  if (!original) return
  const { token, at } = tampered ? tamper(original) : { token: original }
  const { header, payload } = decode(original)
  $('deed-title').textContent = $(`show-${which}`).textContent
  $('deed-header').textContent = [header.typ, header.alg, `kid ${shortKid(header)}`]
    .filter(Boolean)
    .join(' · ')
  $('claims').replaceChildren(...Object.entries(payload).map(claimNode))
  $('jwt').replaceChildren(...jwtNodes(token, at))
  for (const name of ['access', 'id']) $(`show-${name}`).setAttribute('aria-pressed', String(name === which))
  $('show-id').disabled = !state.tokens.id
  $('tamper').setAttribute('aria-pressed', String(tampered))
  $('tamper').textContent = tampered ? $('tamper').dataset.restore : $('tamper').dataset.label
  $('deed').dataset.verdict = 'checking'
  $('verdict').textContent = texts.checking
  const verdict = await verify(token)
  if (mine !== drawing) return
  $('deed').dataset.verdict = verdict === 'valid' ? 'valid' : 'invalid'
  $('verdict').textContent = fill(texts[verdict], { kid: shortKid(header) })
  $('step-token').classList.toggle('is-done', verdict === 'valid')
  renderKeys()
}

const renderLife = () => {
  const payload = state.tokens?.[which] && decode(state.tokens[which]).payload
  if (!payload) return
  const left = Math.max(0, payload.exp - seconds())
  const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
  $('left').textContent = left > 0 ? text : texts.expired
  $('life').style.setProperty('--left', String(Math.min(1, left / Math.max(1, payload.exp - payload.iat))))
}

// --- the whole page

const person = () => {
  const claims = decode(state.tokens.id ?? state.tokens.access).payload ?? {}
  return claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub
}

const render = () => {
  const signedIn = Boolean(state.tokens)
  $('play').classList.toggle('is-signed-in', signedIn)
  const button = $('sign-in')
  button.textContent = state.over ? texts.again : button.dataset.label
  button.hidden = signedIn && !state.over
  $('step-sign-in').classList.toggle('is-done', signedIn)
  for (const id of ['token', 'userinfo', 'refresh', 'sign-out'])
    $(`step-${id}`).classList.toggle('is-shut', !signedIn)
  $('step-userinfo').classList.toggle('is-done', signedIn && Boolean(state.called))
  $('step-refresh').classList.toggle('is-done', signedIn && (state.chain?.length ?? 0) > 1)
  for (const step of document.querySelectorAll('.step'))
    step.querySelector('[data-done]').hidden = !step.classList.contains('is-done')
  $('refresh').disabled = !state.chain?.length
  $('pkce').hidden = !(signedIn && state.proof)
  if (state.proof) {
    $('verifier').textContent = shorten(state.proof.verifier)
    $('challenge').textContent = shorten(state.proof.challenge)
  }
  if (signedIn) say('sign-in', fill(texts.signedInAs, { name: person() }), 'good')
  else if (state.notice === 'signedOut') say('sign-in', texts.signedOut, 'good')
  else say('sign-in', '')
  renderChain()
  renderLife()
  renderKeys()
  renderDeed()
}

const callUserinfo = async () => {
  const { status, body } = await ask('GET', '/userinfo', {
    headers: { Authorization: `Bearer ${state.tokens.access}` },
  })
  const good = status === 200
  state.called ||= good
  say('userinfo', good ? texts.alive : fill(texts.dead, { status }), good ? 'good' : 'bad')
  $('userinfo-answer').hidden = false
  $('userinfo-answer').textContent = shown(body) || String(status)
  save()
  render()
}

/** Ends the grant first (RFC 7009), then the session (OIDC RP-Initiated Logout). */
const signOut = async () => {
  const refreshToken = state.chain?.at(-1)?.token
  if (refreshToken) await ask('POST', '/revoke', { form: { token: refreshToken, client_id: clientId } })
  const url = new URL('/end-session', issuer)
  url.search = new URLSearchParams({
    ...(state.tokens.id && { id_token_hint: state.tokens.id }),
    post_logout_redirect_uri: redirectUri,
    client_id: clientId,
    state: `signed-out-${lang}`,
    ui_locales: lang,
  })
  const { log } = state
  for (const name of Object.keys(state)) delete state[name]
  Object.assign(state, { log, notice: 'signedOut' })
  go(url)
}

/** A button works once at a time: two clicks must not become two requests. */
const onPress = (id, action) => {
  const button = $(id)
  button.dataset.label = button.textContent
  let busy = false
  button.addEventListener('click', async () => {
    if (busy) return
    busy = true
    try {
      await action(button)
    } finally {
      busy = false
    }
  })
}

const show = (name) => () => {
  which = name
  tampered = false
  renderLife()
  return renderDeed()
}

const wirePage = () => {
  onPress('sign-in', signIn)
  onPress('show-access', show('access'))
  onPress('show-id', show('id'))
  onPress('tamper', () => {
    tampered = !tampered
    return renderDeed()
  })
  onPress('userinfo', callUserinfo)
  onPress('refresh', () => refresh(state.chain.at(-1)))
  onPress('sign-out', signOut)
  onPress('copy', async (button) => {
    await navigator.clipboard?.writeText($('command').textContent)
    button.textContent = button.dataset.copied
  })
  onPress('clear', () => {
    state.log = []
    $('wire').replaceChildren()
    $('wire-empty').hidden = false
    save()
  })
}

const start = async () => {
  $('desk').hidden = false
  wirePage()
  const elsewhere = location.origin !== new URL(issuer).origin
  if (elsewhere || !crypto.subtle) {
    trouble(fill(elsewhere ? texts.elsewhere : texts.notSecure, { issuer }))
    $('trouble').append(el('a', { href: redirectUri }, fill(texts.open, { issuer })))
    $('sign-in').disabled = true
    return
  }
  $('wire').replaceChildren(...state.log.map((entry) => logNode(entry, false)))
  $('wire-empty').hidden = state.log.length > 0
  await fetchKeys()
  await comeBack()
  render()
  setInterval(() => {
    renderLife()
    renderChain()
  }, 1000)
  setInterval(() => {
    if (!document.hidden) fetchKeys()
  }, pollMilliseconds)
}

start()
