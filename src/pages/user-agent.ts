// A short name of a browser or a program for the list of sessions. It is a guess, so no rule depends on it.
const browsers: readonly (readonly [RegExp, string])[] = [
  [/KAKAOTALK/i, 'KakaoTalk'],
  [/NAVER\(inapp/i, 'Naver'],
  [/Whale\//, 'Whale'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/(Firefox|FxiOS)\//, 'Firefox'],
  [/(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Macintosh|Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
]

/** Programs that no user looks at. They sign in through the API. */
const programs: readonly (readonly [RegExp, string])[] = [
  [/^curl\//, 'curl'],
  [/^Wget\//, 'Wget'],
  [/^python-(requests|httpx)\/|^Python|aiohttp\//i, 'Python'],
  [/^Go-http-client\//, 'Go'],
  [/^(node|undici|axios\/|node-fetch)/i, 'Node.js'],
  [/^okhttp\//, 'OkHttp'],
  [/^Dart\//, 'Dart'],
  [/CFNetwork\//, 'CFNetwork'],
  [/^PostmanRuntime\//, 'Postman'],
]

export interface KnownUserAgent {
  browser?: string
  system?: string
  program?: string
}

/** The parts that are recognised. */
export const knownUserAgent = (userAgent = ''): KnownUserAgent => {
  const named = (table: typeof browsers) => table.find(([pattern]) => pattern.test(userAgent))?.[1]
  const program = named(programs)
  if (program !== undefined) return { program }
  const [browser, system] = [named(browsers), named(systems)]
  return { ...(browser !== undefined && { browser }), ...(system !== undefined && { system }) }
}

/** "Chrome · Windows", or only the part that is recognised; undefined if none is. */
export const userAgentName = (userAgent: string | undefined): string | undefined => {
  const { browser, system, program } = knownUserAgent(userAgent)
  return program ?? ([browser, system].filter(Boolean).join(' · ') || undefined)
}
