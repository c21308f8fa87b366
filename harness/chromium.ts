// A real browser for tests: Chromium as it is installed on this machine, driven through playwright-core. global-setup.ts
// says loudly, once, when there is none.
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { onPath } from './process.ts'

const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** CHROMIUM_PATH, else where Chromium or Chrome usually is. */
export const chromiumPath = (): string | undefined =>
  process.env.CHROMIUM_PATH ||
  (onPath('chromium') ?? onPath('chromium-browser') ?? onPath('google-chrome')) ||
  usualPlaces.find((path) => existsSync(path))

/** For `describe.skipIf(chromiumIsMissing)`. */
export const chromiumIsMissing = chromiumPath() === undefined

/** One browser for a test file; end it with `close()`. Ask `chromiumIsMissing` first. */
export const launchChromium = (): Promise<Browser> => {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('There is no Chromium on this machine.')
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  })
}

export interface Visitor {
  page: Page
  /** What the browser complained of: breaches of a content security policy, script errors. Should stay empty. */
  complaints: string[]
  close(): Promise<void>
}

/** A browser reports every refused request on its console; refusing is what many tests are about. */
const isRefusal = /^Failed to load resource: the server responded with a status of \d{3}/

/** Somebody with a fresh profile: no cookies, nothing stored. English, wide and light unless told otherwise. */
export const visitor = async (browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> => {
  const context = await browser.newContext({
    locale: 'en-US',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 800 },
    ...options,
  })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !isRefusal.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, complaints, close: () => context.close() }
}
