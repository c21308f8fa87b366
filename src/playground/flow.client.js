// What the client does: sign in (RFC 6749 §4.1, RFC 7636), call userinfo, refresh, replay, sign out.
// biome-ignore-all lint/correctness/noUnusedVariables: other parts of the script use these names.
const signIn = async () => {
  const pending = { verifier: random(), state: random(), nonce: random(), lang }
  const challenge = toBase64url(await sha256(pending.verifier))
  Object.assign(state, {
    pending,
    tokens: undefined,
    chain: undefined,
    over: undefined,
    notice: undefined,
    step: undefined,
  })
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

const keepTokens = (body) => {
  // The changed letter was in the token before.
  deed.tampered = false
  state.tokens = { access: body.access_token, id: body.id_token ?? state.tokens?.id }
  state.over = undefined
}

/** Handles the return from /authorize or /end-session. Removes the parameters from the address bar first. */
const handleReturn = async () => {
  const params = new URLSearchParams(location.search)
  const answered = params.has('code') || params.has('error')
  const chosen = params.get('ui_locales')
  history.replaceState(null, '', chosen && /^[a-z]{2}$/.test(chosen) ? `/?ui_locales=${chosen}` : '/')
  // Signing out clears this origin's storage, so `state` brings back the fact and the language.
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
  // A wrong issuer means a mix-up attack (RFC 9207 §2.4), a wrong state means CSRF.
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
  keepTokens(body)
  state.proof = { verifier: pending.verifier, challenge: toBase64url(await sha256(pending.verifier)) }
  state.chain = body.refresh_token ? [{ token: body.refresh_token, number: 1 }] : []
  save()
  if (pending.lang !== lang) location.replace(`/?ui_locales=${pending.lang}`)
}

const endFamily = (text) => {
  state.over = true
  say('refresh', text, 'bad')
}

/** Sends one refresh token of the chain. Any but the last one is a replay. */
const refresh = async (item) => {
  const chain = state.chain
  const current = chain.at(-1)
  const replayed = item !== current
  const form = { grant_type: 'refresh_token', refresh_token: item.token, client_id: clientId }
  const { status, body } = await ask('POST', '/token', { form })
  if (status === 200) {
    keepTokens(body)
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
    element(
      'button',
      {
        type: 'button',
        class: 'button plain small',
        'aria-label': fill(texts.replayLabel, { n: item.number }),
      },
      texts.replay,
    )
  if (button) button.addEventListener('click', () => refresh(item))
  return element(
    'li',
    { class: state.over ? 'is-over' : last ? 'is-current' : '' },
    element('b', {}, `R${item.number}`),
    element(
      'div',
      {},
      element('code', {}, shorten(item.token)),
      element('span', {}, last || state.over ? word : `${word} · ${what}`),
    ),
    button,
  )
}

let drawnChain = ''
/**
 * Runs each second for the countdown. Redraws only a changed chain, so that a focused button keeps its focus.
 */
const renderChain = () => {
  const nodes = (state.chain ?? []).map(chainNode)
  const drawn = nodes.map((node) => node.textContent + node.className).join()
  if (drawn === drawnChain) return
  drawnChain = drawn
  const focused = [...$('chain').querySelectorAll('button')].indexOf(document.activeElement)
  $('chain').replaceChildren(...nodes)
  if (focused >= 0) $('chain').querySelectorAll('button')[focused]?.focus()
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

/** Revokes the refresh token first (RFC 7009), then ends the session (OIDC RP-Initiated Logout). */
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
