// Takes a picture of the hosted pages, the mails and the demo in four widths, two themes, two languages and
// two brands, for a person to look at: node test/browser/take-pictures.ts FOLDER [WORDS]. With words only
// the pages whose name has one of them.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page, Route } from 'playwright-core'
import { launchChromium, visitor } from '../../harness/chromium.ts'
import { readBrand } from '../../src/brand-config.ts'
import { createEnvironment } from '../../src/environment.ts'
import { createBrand, logoPath } from '../../src/pages/brand.ts'
import { languages } from '../../src/pages/language.ts'
import { foreignBrand, foreignLogo } from '../support/foreign-brand.ts'
import { renderedPages } from './rendered-pages.ts'
import { demoWalk, issuerWalk } from './served-pages.ts'

const widths = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1366, height: 657 },
  { width: 1920, height: 1080 },
]

const [folder, ...words] = process.argv.slice(2)
if (folder === undefined) throw new Error('Name the folder for the pictures.')
mkdirSync(folder, { recursive: true })

const isWanted = (name: string): boolean => words.length === 0 || words.some((word) => name.includes(word))

const takePictures = async (page: Page, name: string, kind: string) => {
  if (!isWanted(name)) return
  for (const viewport of widths) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const file = [name.replaceAll(' ', '-'), kind, colorScheme, viewport.width].join('.')
      await page.screenshot({ path: join(folder, `${file}.png`), fullPage: true })
    }
  }
}

const fault = (sentence: string) => {
  throw new Error(sentence)
}
const brands = { dojang: {}, foreign: foreignBrand() }
const chromium = await launchChromium()
for (const lang of languages) {
  const locale = lang === 'ko' ? 'ko-KR' : 'en-US'
  for (const [brandName, env] of Object.entries(brands)) {
    const kind = `${brandName}.${lang}`
    const brand = createBrand(readBrand(createEnvironment(env, fault)))
    const pages = Object.entries(renderedPages(lang, brand)).filter(([name]) => isWanted(name))
    const scripted = await visitor(chromium, { locale })
    // The script of this page leaves it at once.
    const withoutScript = await visitor(chromium, { locale, javaScriptEnabled: false })
    const visitorOf = (name: string) => (name === 'form post' ? withoutScript : scripted)
    const answer = (route: Route) => {
      const path = decodeURIComponent(new URL(route.request().url()).pathname)
      if (path === logoPath) return route.fulfill({ contentType: 'image/svg+xml', body: foreignLogo })
      const found = pages.find(([name]) => path === `/${name}`)?.[1]
      return route.fulfill({ contentType: 'text/html; charset=utf-8', body: found ?? '' })
    }
    for (const { page } of [scripted, withoutScript]) await page.route('http://pages.example/**', answer)
    for (const [name] of pages) {
      const { page } = visitorOf(name)
      await page.goto(`http://pages.example/${name}`)
      await takePictures(page, name, kind)
    }
    await issuerWalk(lang, env)(scripted.page, (name) => takePictures(scripted.page, name, kind))
    await Promise.all([scripted.close(), withoutScript.close()])
  }
  const { page, close } = await visitor(chromium, { locale })
  await demoWalk(page, (name) => takePictures(page, name, `shop.${lang}`))
  await close()
}
await chromium.close()
