// The page as a whole: what it shows in each state, what each button does, and the start.
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

/** A button ignores clicks while its action runs, so that two clicks do not send two requests. */
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
  deed.which = name
  deed.tampered = false
  renderLife()
  return renderDeed()
}

const connectButtons = () => {
  onPress('sign-in', signIn)
  onPress('show-access', show('access'))
  onPress('show-id', show('id'))
  onPress('tamper', () => {
    deed.tampered = !deed.tampered
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
  connectButtons()
  const elsewhere = location.origin !== new URL(issuer).origin
  if (elsewhere || !crypto.subtle) {
    trouble(fill(elsewhere ? texts.elsewhere : texts.notSecure, { issuer }))
    $('trouble').append(element('a', { href: redirectUri }, fill(texts.open, { issuer })))
    $('sign-in').disabled = true
    return
  }
  $('wire').replaceChildren(...state.log.map((entry) => logNode(entry, false)))
  $('wire-empty').hidden = state.log.length > 0
  await fetchKeys()
  await handleReturn()
  render()
  setInterval(() => {
    renderLife()
    renderChain()
  }, 1000)
  setInterval(() => {
    if (!document.hidden) fetchKeys()
  }, pollMs)
}

start()
