// Adds a button to each password field that shows the password and hides it again.
for (const input of document.querySelectorAll('input[data-reveal]')) {
  const { reveal, hide, revealLabel } = input.dataset
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'reveal'
  button.textContent = reveal
  button.setAttribute('aria-label', revealLabel)
  button.setAttribute('aria-pressed', 'false')
  button.setAttribute('aria-controls', input.id)
  button.addEventListener('click', () => {
    const shown = input.type === 'password'
    input.type = shown ? 'text' : 'password'
    button.textContent = shown ? hide : reveal
    button.setAttribute('aria-pressed', String(shown))
  })
  input.after(button)
  input.form?.addEventListener('submit', () => {
    input.type = 'password'
  })
}
