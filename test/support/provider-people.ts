// People whom nobody has seen before, at the fake providers.

import type { GooglePerson } from '../../fakes/google-state.ts'
import { kakaoPerson } from '../../fakes/kakao-people.ts'
import type { ProviderId, Upstream } from './upstream.ts'

let nextId = 5_000_000_000

export const providerPeople = (upstream: Upstream) => {
  const kakao = (facts: Partial<Parameters<typeof kakaoPerson>[0]> = {}): string => {
    nextId += 1
    const person = kakaoPerson({ id: nextId, nickname: '김도장', ...facts })
    upstream.kakao.people.push(person)
    return String(person.id)
  }
  const google = (facts: Partial<GooglePerson> = {}): string => {
    nextId += 1
    const known = { name: '홍길동', email: `g${nextId}@gmail.com`, emailVerified: true }
    const person = { id: `1${nextId}`, ...known, ...facts }
    upstream.google.people.push(person)
    return person.id
  }
  const naver = (facts: { email?: string } = {}): string => {
    const [template] = upstream.naver.people
    if (template === undefined) throw new Error('The fake knows nobody.')
    nextId += 1
    const person = { ...template, id: `naver-${nextId}`, email: `n${nextId}@naver.com`, ...facts }
    upstream.naver.people.push(person)
    return person.id
  }
  const any = { kakao, google, naver }
  return { ...any, of: (provider: ProviderId): string => any[provider]() }
}
