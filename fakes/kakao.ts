// A fake Kakao: one HTTP server that answers as kauth and kapi do, shows pages and sends webhooks.
// Each knob imitates a gap or a mistake of Kakao's. docs/providers.md describes the real Kakao.
import { createConnections } from './connections.ts'
import { createKakaoApi } from './kakao-api.ts'
import type { KakaoPerson } from './kakao-people.ts'
import { createKakaoSignIn } from './kakao-sign-in.ts'
import {
  createKakaoState,
  type KakaoEndpoint,
  type KakaoKnobs,
  type KakaoOptions,
  kakaoRefusal,
} from './kakao-state.ts'
import { createKakaoWebhooks, type KakaoWebhooks } from './kakao-webhooks.ts'
import { endpoint, startProviderServer } from './provider-server.ts'
import type { FakeProvider } from './provider-state.ts'

export interface FakeKakao extends FakeProvider<KakaoPerson, KakaoKnobs>, KakaoWebhooks {
  appId: string
  rotateKeys(): void
}

/** Starts on a loopback port. The caller closes it with `close()`. */
export const fakeKakao = async (options: KakaoOptions): Promise<FakeKakao> => {
  const state = createKakaoState(options)
  const { appId, grants, keys, knobs, people, requests } = state
  const webhooks = createKakaoWebhooks(state)
  const server = await startProviderServer<KakaoEndpoint>({
    faultOf: (name) => knobs.faults[name],
    requests,
    tooManyRequests: kakaoRefusal(429, 'too_many_requests', 'token request rate limit exceeded', 'KOE237'),
    ...(options.port !== undefined && { port: options.port }),
    endpoints: {
      ...createKakaoSignIn(state),
      ...createKakaoApi(state),
      '/connections': endpoint('connections', createConnections(state, webhooks.disconnect)),
    },
  })
  return {
    ...webhooks,
    origin: server.origin,
    appId,
    people,
    knobs,
    requests,
    rotateKeys: keys.rotate,
    connected: () => [...grants.connections.keys()],
    close: server.close,
  }
}
