// A real browser for tests: the Chromium of this machine, driven through playwright-core.
// test/support/global-setup.ts warns once per run when Chromium is missing.
import { existsSync } from 'node:fs'
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core'
import { onPath } from './process.ts'

const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** The first one is Chromium without its own windows. It starts faster and needs half the processor time. */
const programs = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']

/** The path in CHROMIUM_PATH, or else the usual place of Chromium or Chrome. */
export const chromiumPath = (): string | undefined =>
  process.env.CHROMIUM_PATH ||
  programs.map(onPath).find((path) => path !== undefined) ||
  usualPlaces.find((path) => existsSync(path))

/** For `describe.skipIf(chromiumIsMissing)`. */
export const chromiumIsMissing = chromiumPath() === undefined

/**
 * Starts one browser for a test file. Check `chromiumIsMissing` first, and call `close()` at the end.
 * `ignoreDefaultArgs` are flags of playwright-core that this browser does not get.
 */
export const launchChromium = (options: Pick<LaunchOptions, 'ignoreDefaultArgs'> = {}): Promise<Browser> => {
  const executablePath = chromiumPath()
  if (executablePath === undefined)
    throw new Error('Chromium was not found. Install it, or set CHROMIUM_PATH.')
  return chromium.launch({
    ...options,
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
  /** Script errors and breaches of a content security policy. Empty if the page is correct. */
  complaints: string[]
  close(): Promise<void>
}

/** Chromium logs each response of 400 or more as an error. Many tests expect such a response. */
const isRefusal = /^Failed to load resource: the server responded with a status of \d{3}/

/** A visitor with an empty profile. The defaults are English, a wide window and the light theme. */
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
