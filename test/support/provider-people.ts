// New people with accounts at the fake providers. Each call makes a person whom the issuer does not know yet.
import type { FakeGoogle } from '../../fakes/google.ts'
import type { GooglePerson } from '../../fakes/google-state.ts'
import type { FakeKakao } from '../../fakes/kakao.ts'
import { type KakaoPerson, kakaoPerson } from '../../fakes/kakao-people.ts'
import type { FakeNaver } from '../../fakes/naver.ts'

/** Each method returns the person's id at the provider. */
export interface ProviderPeople {
  kakao(facts?: Partial<KakaoPerson>): string
  google(facts?: Partial<GooglePerson>): string
  naver(facts?: { email?: string }): string
  of(provider: 'kakao' | 'google' | 'naver'): string
}

let nextId = 5_000_000_000

export const providerPeople = (providers: {
  kakao: FakeKakao
  google: FakeGoogle
  naver: FakeNaver
}): ProviderPeople => {
  const kakao: ProviderPeople['kakao'] = (facts = {}) => {
    nextId += 1
    const person = kakaoPerson({ id: nextId, nickname: '김도장', ...facts })
    providers.kakao.people.push(person)
    return String(person.id)
  }
  const google: ProviderPeople['google'] = (facts = {}) => {
    nextId += 1
    const known = { name: '홍길동', email: `g${nextId}@gmail.com`, emailVerified: true }
    const person = { id: `1${nextId}`, ...known, ...facts }
    providers.google.people.push(person)
    return person.id
  }
  const naver: ProviderPeople['naver'] = (facts = {}) => {
    const [template] = providers.naver.people
    if (template === undefined) throw new Error('The fake Naver has no person to copy.')
    nextId += 1
    const person = { ...template, id: `naver-${nextId}`, email: `n${nextId}@naver.com`, ...facts }
    providers.naver.people.push(person)
    return person.id
  }
  const any = { kakao, google, naver }
  return { ...any, of: (provider) => any[provider]() }
}
