// The first button of an error page. It reloads the page, or returns to the page before, if there is one.
for (const button of document.querySelectorAll('[data-go]')) {
  const reloads = button.dataset.go === 'reload'
  button.hidden = !reloads && history.length < 2
  button.addEventListener('click', () => (reloads ? location.reload() : history.back()))
}

// The page never repeats a parameter of its request, so only the browser can keep them in the other language.
for (const link of document.querySelectorAll('a.language')) {
  const here = new URL(location.href)
  here.searchParams.set('ui_locales', link.hreflang)
  link.href = here.href
  // Without a history entry, so that the button still returns to the page before the error.
  link.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    location.replace(link.href)
  })
}
