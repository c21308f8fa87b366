// The playground's own state, page elements, tokens and wire log. playground-page.ts joins the *.client.js
// files of this folder into one script, so each file uses the names of the others.
// biome-ignore-all lint/correctness/noUnusedVariables: other parts of the script use these names.
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
const pollMs = 5000

const load = () => {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey)) ?? {}
  } catch {
    return {}
  }
}
/**
 * Kept in this tab's sessionStorage. `tokens`: access and id. `chain`: the refresh tokens in order. `over`:
 * the family has ended. `step`: the open step. `log`: the wire log, newest first. `logOpen`: what the person
 * chose.
 */
const state = { log: [], ...load() }
const save = () => sessionStorage.setItem(storageKey, JSON.stringify(state))

const seconds = () => Math.floor(Date.now() / 1000)
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
const dateTime = (at) =>
  new Date(at * 1000).toLocaleString(lang, { dateStyle: 'medium', timeStyle: 'medium' })
/** Shortens a token or another long value. A sentence stays whole. */
const shorten = (text) =>
  text.length > 44 && !text.includes(' ') ? `${text.slice(0, 16)}…${text.slice(-8)}` : text

const shortKid = ({ kid = '' }) => (kid.length > 16 ? `${kid.slice(0, 12)}…` : kid)

/** Creates an element. Children are nodes or text, and are never parsed as HTML. */
const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value)
  node.append(...children.filter((child) => child !== undefined && child !== false))
  return node
}

/**
 * Writes the result of a step. An unchanged text is not written, so that a screen reader does not repeat it.
 */
const say = (id, text, tone = '') => {
  const status = $(`says-${id}`)
  status.className = `says ${tone}`
  if (status.textContent !== text) status.textContent = text
}

/** Shows an error above all steps. */
const trouble = (text) => {
  $('trouble').hidden = text === undefined
  $('trouble').firstElementChild.textContent = text ?? ''
}

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

/** A JSON body as text, with its long values shortened. */
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
  return element(
    'li',
    {},
    element(
      'details',
      { open },
      element(
        'summary',
        {},
        element('b', {}, entry.method),
        element('span', { title: entry.path }, entry.path),
        element('i', { class: tone }, statusWord(entry)),
      ),
      element('pre', {}, [entry.sent, entry.received].filter(Boolean).join('\n\n')),
    ),
  )
}

const keysPath = '/.well-known/jwks.json'

/** On a wide screen the log opens by itself after the first thing that the person did. */
const renderLog = () => {
  const isWide = matchMedia('(min-width: 1080px)').matches
  $('log').open = state.logOpen ?? (isWide && state.log.some(({ path }) => path !== keysPath))
}

/** Adds an entry to the wire log. Repeated 304 answers become one entry with a count. */
const record = (entry) => {
  const last = state.log[0]
  const same = last && entry.status === 304 && last.status === 304 && last.path === entry.path
  if (same) {
    last.count = (last.count ?? 1) + 1
    $('wire').querySelector('i').textContent = statusWord(last)
  } else {
    state.log.unshift(entry)
    state.log.length = Math.min(state.log.length, 40)
    // The page asks for the keys by itself.
    const quiet = entry.path === keysPath
    if (!quiet) for (const open of $('wire').querySelectorAll('details[open]')) open.open = false
    $('wire').prepend(logNode(entry, !quiet))
    while ($('wire').childElementCount > state.log.length) $('wire').lastElementChild.remove()
  }
  $('wire-empty').hidden = true
  renderLog()
  save()
}

const lines = (params) => [...params].map(([name, value]) => `${name}=${shorten(value)}`).join('\n')

/** Sends one request to the issuer and records it. A network failure is an answer with status 0. */
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
      // The body is not JSON. The log shows the text.
    }
    record({ method, path, sent, status: response.status, received: text === '' ? '' : shown(body) })
    return { status: response.status, body, etag: response.headers.get('etag') }
  } catch {
    record({ method, path, sent, status: 0, received: '' })
    return { status: 0, body: {} }
  }
}

/** Leaves the page, and records where to. */
const go = (url) => {
  record({ method: 'GET', path: url.pathname, sent: lines(url.searchParams), status: 'navigates' })
  location.assign(url)
}
