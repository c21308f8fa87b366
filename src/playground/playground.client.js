// The page as a whole: what it shows in each state, what each button does, and the start.
const person = () => {
  const claims = decode(state.tokens.id ?? state.tokens.access).payload ?? {}
  return claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub
}

/** These steps need a token. */
const afterSignIn = ['token', 'userinfo', 'refresh', 'sign-out']

/** The page shows one step at a time. The sign-in is open too while the person has to use it. */
const renderSteps = (signedIn) => {
  const wanted = state.step ?? (signedIn ? 'token' : 'sign-in')
  const shown = !signedIn && afterSignIn.includes(wanted) ? 'sign-in' : wanted
  for (const step of document.querySelectorAll('.step')) {
    const id = step.dataset.step
    const isOpen = id === shown || (id === 'sign-in' && (!signedIn || Boolean(state.over)))
    step.classList.toggle('is-open', isOpen)
    step.querySelector('[data-done]').hidden = !step.classList.contains('is-done')
    $(`open-${id}`).setAttribute('aria-expanded', String(isOpen))
    $(`open-${id}`).disabled = !signedIn && afterSignIn.includes(id)
  }
}

/** Opens a step and closes the others. An empty id closes all. */
const openStep = (id) => {
  state.step = id
  save()
  render()
}

const connectSteps = () => {
  for (const step of document.querySelectorAll('.step')) {
    const id = step.dataset.step
    const isOpen = () => step.classList.contains('is-open')
    $(`open-${id}`).addEventListener('click', () => openStep(isOpen() ? '' : id))
    const next = step.querySelector('[data-next]')
    next?.addEventListener('click', () => {
      openStep(next.dataset.next)
      // The pressed button is hidden now.
      $(`open-${next.dataset.next}`).focus()
    })
  }
}

const render = () => {
  const signedIn = Boolean(state.tokens)
  $('play').classList.toggle('is-signed-in', signedIn)
  const button = $('sign-in')
  button.textContent = state.over ? texts.again : button.dataset.label
  button.hidden = signedIn && !state.over
  $('step-sign-in').classList.toggle('is-done', signedIn)
  $('step-userinfo').classList.toggle('is-done', signedIn && Boolean(state.called))
  $('step-refresh').classList.toggle('is-done', signedIn && (state.chain?.length ?? 0) > 1)
  renderSteps(signedIn)
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
  $('log').firstElementChild.addEventListener('click', () => {
    state.logOpen = !$('log').open
    save()
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
  connectSteps()
  connectButtons()
  renderSteps(false)
  const elsewhere = location.origin !== new URL(issuer).origin
  if (elsewhere || !crypto.subtle) {
    trouble(fill(elsewhere ? texts.elsewhere : texts.notSecure, { issuer }))
    $('trouble').append(element('a', { href: redirectUri }, fill(texts.open, { issuer })))
    $('sign-in').disabled = true
    return
  }
  $('wire').replaceChildren(...state.log.map((entry) => logNode(entry, false)))
  $('wire-empty').hidden = state.log.length > 0
  renderLog()
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
