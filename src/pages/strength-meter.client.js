// Shows how strong a new password is while the user types. It also stops a form with a password that is too
// short, so that the user need not type it again. passwords/feedback.ts puts `estimate` before this code.
for (const meter of document.querySelectorAll('[data-meter]')) {
  const { fieldId, minLength, names, tooShort, missing, levels, reasons } = JSON.parse(meter.dataset.meter)
  const input = document.getElementById(fieldId)
  const words = meter.querySelector('p')
  const missingCharacters = () => minLength - Array.from(input.value).length

  const errorId = `${fieldId}-error`
  const describe = (withError) => {
    const others = (input.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id !== errorId)
    input.setAttribute('aria-describedby', [...(withError ? [errorId] : []), ...others].join(' '))
  }

  const namesNow = () =>
    ['email', 'username', 'name'].map((field) => input.form.elements[field]?.value ?? '').concat(names)

  const show = () => {
    if (input.value === '') {
      delete meter.dataset.level
      words.textContent = ''
      return
    }
    const missingNow = missingCharacters()
    if (missingNow > 0) {
      meter.dataset.level = 'too_short'
      words.textContent = missing[missingNow - 1]
      return
    }
    const { level, reason } = estimate(input.value, namesNow())
    meter.dataset.level = level
    words.textContent = [levels[level], reasons[reason]].filter(Boolean).join(' ')
  }

  // A screen reader reads each change aloud, so the text changes only in a pause.
  let pause
  input.addEventListener('input', () => {
    // The error is about an earlier text.
    document.getElementById(errorId)?.remove()
    input.removeAttribute('aria-invalid')
    describe(false)
    clearTimeout(pause)
    pause = setTimeout(show, 250)
  })

  input.form.addEventListener('submit', (event) => {
    // The server reports an empty password, together with the other empty fields.
    if (input.value === '' || missingCharacters() <= 0) return
    event.preventDefault()
    const error = document.getElementById(errorId) ?? document.createElement('p')
    error.id = errorId
    error.className = 'field-error'
    error.setAttribute('role', 'alert')
    error.textContent = tooShort
    input.closest('.entry').after(error)
    input.setAttribute('aria-invalid', 'true')
    describe(true)
    input.focus()
  })
}
