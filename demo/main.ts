// npm run demo: an issuer, fakes of Kakao, Google and Naver, and a small web app that signs users in.
// Everything listens on 127.0.0.1 and connects only there. The demo deletes all its files when it stops.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { fakeGoogle } from '../fakes/google.ts'
import { fakeKakao } from '../fakes/kakao.ts'
import { fakeNaver } from '../fakes/naver.ts'
import { startBookshop } from './bookshop.ts'
import { startIssuer } from './issuer.ts'
import { welcome } from './welcome.ts'

const secret = () => randomBytes(24).toString('base64url')

/** The wanted port if it is free, else another free port. */
const freePort = (wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', () =>
      wanted === 0 ? reject(new Error('127.0.0.1 has no free port.')) : resolve(freePort(0)),
    )
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : wanted))
    })
  })

let stopping = false
// During the start, a signal exits at once. Later, main() replaces this with an orderly stop.
let stop = async (): Promise<void> => process.exit(1)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (!stopping) void stop()
  })

const main = async () => {
  const [issuerPort = 0, appPort, kakaoPort, googlePort, naverPort] = await Promise.all(
    [4100, 4101, 4110, 4111, 4112].map(freePort),
  )
  const url = `http://127.0.0.1:${issuerPort}`
  const appUrl = `http://127.0.0.1:${appPort}`
  const app = (provider: string, port = 0) => ({
    clientId: `demo-${provider}`,
    clientSecret: secret(),
    appName: '책갈피 책방',
    port,
    redirectUris: [`${url}/callback/${provider}`],
  })
  const registered = {
    kakao: { ...app('kakao', kakaoPort), adminKey: secret() },
    google: app('google', googlePort),
    naver: app('naver', naverPort),
  }
  const [kakao, google, naver] = await Promise.all([
    fakeKakao({
      ...registered.kakao,
      webhooks: { unlink: `${url}/webhooks/kakao/unlink`, events: `${url}/webhooks/kakao/events` },
    }),
    fakeGoogle({ ...registered.google, webhooks: { events: `${url}/webhooks/google/risc` } }),
    fakeNaver(registered.naver),
  ])
  const issuer = await startIssuer({
    url,
    port: issuerPort,
    app: appUrl,
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
  const providers = { kakao: kakao.origin, google: google.origin }
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
