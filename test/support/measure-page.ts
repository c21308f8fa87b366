// Checks a page in a real browser: its size, its contrast, its controls and its ids.
import type { Page } from 'playwright-core'

/** Runs in the page and returns the faults of its layout, its colours and its ids. */
const measure = `(() => {
  const faults = []
  const wide = document.documentElement.scrollWidth - innerWidth
  if (wide > 0) faults.push('scrolls sideways by ' + wide + ' px')
  const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + ' "' + e.textContent.trim().slice(0, 30) + '"'
  const isSeen = (e) => {
    const box = e.getBoundingClientRect()
    return box.width > 1 && box.height > 1 && box.bottom + scrollY > 0 && e.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  }

  for (const one of document.querySelectorAll('a, button, input, summary')) {
    if (!isSeen(one)) continue
    // A click on the label also ticks a checkbox.
    const { width, height } = (one.closest('label') ?? one).getBoundingClientRect()
    const isInText = one.matches('p > a') && getComputedStyle(one).display === 'inline'
    const least = one.matches('button, input') ? 44 : 24
    if (!isInText && (width < 24 || height < least)) faults.push(name(one) + ' is ' + width + ' by ' + height)
  }

  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1)
    paint.fillStyle = colour
    paint.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data
    return { r, g, b, a: a / 255 }
  }
  const over = (top, under) => Object.fromEntries([...'rgb'].map((c) => [c, top[c] * top.a + under[c] * (1 - top.a)]))
  const paper = (e) => {
    const under = e.parentElement ? paper(e.parentElement) : rgba('canvas')
    return over(rgba(getComputedStyle(e).backgroundColor), under)
  }
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)
  const light = ({ r, g, b }) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  for (const one of document.querySelectorAll('body *')) {
    const hasText = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
    if (!hasText || !isSeen(one) || one.closest('[aria-hidden=true], script, style, noscript, [disabled]')) continue
    const style = getComputedStyle(one)
    const background = paper(one)
    const [high, low] = [light(over(rgba(style.color), background)), light(background)].sort((a, b) => b - a)
    const size = parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    const contrast = (high + 0.05) / (low + 0.05)
    if (contrast < (isLarge ? 3 : 4.5)) faults.push(name(one) + ' has a contrast of ' + contrast.toFixed(2))
  }

  if (document.querySelectorAll('h1').length !== 1) faults.push('has not one heading of the first rank')
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id)
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push('has twice the id ' + id)
  for (const one of document.querySelectorAll('[aria-describedby], [aria-labelledby]'))
    for (const id of ((one.getAttribute('aria-describedby') ?? '') + ' ' + (one.getAttribute('aria-labelledby') ?? '')).trim().split(/\\s+/))
      if (!ids.includes(id)) faults.push(name(one) + ' points at nothing: ' + id)
  return faults
})()`

const controls = ['button', 'link', 'textbox', 'checkbox', 'DisclosureTriangle']

/** The controls that have no name in the browser's accessibility tree. */
const nameless = async (page: Page): Promise<string[]> => {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  await session.detach()
  return nodes
    .filter(({ ignored, role, name }) => !ignored && controls.includes(role?.value) && !name?.value?.trim())
    .map(({ role }) => `a ${role?.value} without a name`)
}

/** Empty if the page fits, has enough contrast, and its controls are large enough and have names. */
export const faultsOf = async (page: Page): Promise<string[]> => [
  ...((await page.evaluate(measure)) as string[]),
  ...(await nameless(page)),
]
