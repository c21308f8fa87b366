// npm run demo: an issuer, fakes of Kakao, Google and Naver, and a small web app that signs users in.
// Everything listens on 127.0.0.1 and connects only there. The demo deletes all its files when it stops.
import { randomBytes } from 'node:crypto'
import { fakeGoogle } from '../fakes/google.ts'
import { fakeKakao } from '../fakes/kakao.ts'
import { fakeNaver } from '../fakes/naver.ts'
import type { Call } from '../fakes/provider-server.ts'
import { startBookshop } from './bookshop.ts'
import { startIssuer } from './issuer.ts'
import { holdPorts } from './ports.ts'
import type { DemoProvider } from './visit.ts'
import { welcome } from './welcome.ts'

const secret = () => randomBytes(24).toString('base64url')

/** The shop's name in Korean and English, because a client has one name for all visitors. */
const shopName = '책갈피 Bookmark'

const demoProvider = ({ origin, requests }: { origin: string; requests: readonly Call[] }): DemoProvider => ({
  origin,
  disconnections: () =>
    requests.filter(({ endpoint, method }) => endpoint === 'connections' && method === 'POST').length,
})

let stopping = false
// During the start, a signal exits at once. Later, main() replaces this with an orderly stop.
let stop = async (): Promise<void> => process.exit(1)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (!stopping) void stop()
  })

const main = async () => {
  const ports = await holdPorts([
    ['shop', 4101],
    ['issuer', 4100],
    ['kakao', 4110],
    ['google', 4111],
    ['naver', 4112],
  ])
  const url = `http://127.0.0.1:${ports.issuer.port}`
  const appUrl = `http://127.0.0.1:${ports.shop.port}`
  const app = (provider: 'kakao' | 'google' | 'naver') => ({
    clientId: `demo-${provider}`,
    clientSecret: secret(),
    appName: shopName,
    port: ports[provider].port,
    redirectUris: [`${url}/callback/${provider}`],
  })
  const registered = {
    kakao: { ...app('kakao'), adminKey: secret() },
    google: app('google'),
    naver: app('naver'),
  }
  await Promise.all([ports.kakao.release(), ports.google.release(), ports.naver.release()])
  const [kakao, google, naver] = await Promise.all([
    fakeKakao({
      ...registered.kakao,
      webhooks: { unlink: `${url}/webhooks/kakao/unlink`, events: `${url}/webhooks/kakao/events` },
    }),
    fakeGoogle({ ...registered.google, webhooks: { events: `${url}/webhooks/google/risc` } }),
    fakeNaver(registered.naver),
  ])
  await ports.issuer.release()
  const issuer = await startIssuer({
    url,
    port: ports.issuer.port,
    app: { url: appUrl, name: shopName },
    settings: {
      KAKAO_ORIGIN: kakao.origin,
      KAKAO_CLIENT_ID: registered.kakao.clientId,
      KAKAO_CLIENT_SECRET: registered.kakao.clientSecret,
      KAKAO_ADMIN_KEY: registered.kakao.adminKey,
      KAKAO_APP_ID: kakao.appId,
      GOOGLE_ORIGIN: google.origin,
      GOOGLE_CLIENT_ID: registered.google.clientId,
      GOOGLE_CLIENT_SECRET: registered.google.clientSecret,
      NAVER_ORIGIN: naver.origin,
      NAVER_CLIENT_ID: registered.naver.clientId,
      NAVER_CLIENT_SECRET: registered.naver.clientSecret,
    },
  })
  const providers = { kakao: demoProvider(kakao), google: demoProvider(google) }
  await ports.shop.release()
  const shop = await startBookshop({ issuer: url, url: appUrl, ...issuer.client, providers })

  stop = async () => {
    stopping = true
    await Promise.all([shop.close(), issuer.stop()])
    await Promise.all([kakao.close(), google.close(), naver.close()])
  }
  issuer.exited.then((code) => {
    if (stopping) return
    console.error(`The issuer exited unexpectedly with code ${code}. Its last output: ${issuer.lastOutput()}`)
    process.exit(1)
  })

  const language = /^ko/i.test(process.env.LC_ALL || process.env.LANG || '') ? 'ko' : 'en'
  process.stdout.write(welcome(language, { app: appUrl, issuer: url, kakao: kakao.origin, log: issuer.log }))
}

try {
  await main()
} catch (error) {
  console.error(String(error))
  process.exit(1)
}
