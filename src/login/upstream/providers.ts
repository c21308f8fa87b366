// The configured providers, in the order of their buttons.
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../clock.ts'
import { ProblemError } from '../../http/problem.ts'
import type { RemoteJwks } from '../../upstream-keys/remote-jwks.ts'
import { createGoogleLogin } from './google.ts'
import { createKakaoLogin } from './kakao.ts'
import { createNaverLogin } from './naver.ts'
import type { UpstreamProvider } from './provider.ts'

interface ClientAtProvider {
  clientId: string
  clientSecret: string
  /** Replaces all hosts of the provider, for a gateway or a fake. */
  origin?: string
}

export interface ProviderSettings {
  kakao?: (ClientAtProvider & { adminKey?: string; pkce: boolean }) | undefined
  google?: ClientAtProvider | undefined
  naver?: ClientAtProvider | undefined
}

/** To add a provider, write its file and add a line here. */
export const createProviders = (deps: {
  settings: ProviderSettings
  issuer: string
  clock: Clock
  providerKeys: { kakao: RemoteJwks; google: RemoteJwks }
}): UpstreamProvider[] => {
  const { settings, issuer, clock, providerKeys } = deps
  const { kakao, google, naver } = settings
  const redirectUri = (provider: string) => `${issuer}/callback/${provider}`
  return [
    kakao &&
      createKakaoLogin({ ...kakao, clock, jwks: providerKeys.kakao, redirectUri: redirectUri('kakao') }),
    google &&
      createGoogleLogin({ ...google, clock, jwks: providerKeys.google, redirectUri: redirectUri('google') }),
    naver && createNaverLogin({ ...naver, redirectUri: redirectUri('naver') }),
  ].filter((provider) => provider !== undefined)
}

/** The provider in the path of the request. */
export type FindProvider = (request: FastifyRequest) => UpstreamProvider

/** @throws {ProblemError} 404 if the provider is not configured */
export const createFindProvider =
  (providers: readonly UpstreamProvider[]): FindProvider =>
  (request) => {
    const { provider: id } = request.params as { provider?: string }
    const provider = providers.find((configured) => configured.id === id)
    if (provider === undefined)
      throw new ProblemError({
        status: 404,
        code: 'not_found',
        detail: { en: 'This provider is not configured.', ko: '설정하지 않은 로그인 방법이에요.' },
      })
    return provider
  }
