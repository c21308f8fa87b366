// The people at the fake Kakao. In seven of the eight e-mail cases Kakao gives no usable address.

import type { Text } from './texts.ts'

export type KakaoEmail =
  | 'usable'
  /** The app has no consent item for e-mail. */
  | 'no_email_item'
  /** The person did not agree to share the address. */
  | 'declined'
  /** The account has no address. */
  | 'no_email'
  /** `is_email_valid: false`: another Kakao account has taken over the address. */
  | 'invalid'
  /** `is_email_verified: false` */
  | 'unverified'
  | 'nickname_only'
  /** The answer has no `kakao_account`. */
  | 'no_account'

export const missingEmails = [
  'no_email_item',
  'declined',
  'no_email',
  'invalid',
  'unverified',
  'nickname_only',
  'no_account',
] as const satisfies readonly KakaoEmail[]

export interface KakaoPerson {
  /** Kakao sends ids as JSON numbers. */
  id: number
  nickname: string
  picture: string
  email: string
  /** 'usable' becomes 'declined' if the person unticks the e-mail item on the consent page. */
  emailCase: KakaoEmail
  /** For the provider's pages in English. */
  latinName?: string
  /** The line below the name on the provider's pages. */
  detail: Text
}

export const kakaoPerson = (
  facts: Pick<KakaoPerson, 'id' | 'nickname'> & Partial<KakaoPerson>,
): KakaoPerson => {
  const emailCase = facts.emailCase ?? 'usable'
  const email = facts.email ?? `member-${facts.id}@kakao.example`
  const details: Partial<Record<KakaoEmail, Text>> = {
    usable: { ko: email, en: email },
    no_email: { ko: '이메일 없는 계정', en: 'has no email address' },
    unverified: { ko: `${email} · 인증 전`, en: `${email} · not verified` },
    invalid: { ko: `${email} · 다른 계정이 가져감`, en: `${email} · taken by another account` },
  }
  const detail = details[emailCase] ?? { ko: '이메일을 주지 않는 계정', en: 'gives no email address' }
  return { picture: 'http://img.example/profile.jpg', email, emailCase, detail, ...facts }
}

export const kakaoPeople = (): KakaoPerson[] => [
  kakaoPerson({ id: 3141592653, nickname: '김민지', latinName: 'Kim Minji', email: 'minji@example.com' }),
  kakaoPerson({ id: 2718281828, nickname: '이서준', latinName: 'Lee Seojun', emailCase: 'no_email' }),
  kakaoPerson({
    id: 1618033988,
    nickname: '박하윤',
    latinName: 'Park Hayun',
    email: 'hayun@example.com',
    emailCase: 'unverified',
  }),
]

const caseOf = ({ emailCase }: KakaoPerson, scopes: readonly string[]): KakaoEmail =>
  emailCase === 'usable' && !scopes.includes('account_email') ? 'declined' : emailCase

/** The address as Kakao sends it. It is usable if it is both valid and verified. */
export const kakaoEmailOf = (
  person: KakaoPerson,
  scopes: readonly string[],
): { email?: string; usable: boolean } => {
  const emailCase = caseOf(person, scopes)
  const given = ['usable', 'invalid', 'unverified'].includes(emailCase)
  return { usable: emailCase === 'usable', ...(given && { email: person.email }) }
}

/** The profile claims that the person agreed to share. */
export const kakaoProfileOf = ({ nickname, picture, emailCase }: KakaoPerson): Record<string, string> => {
  if (emailCase === 'no_account') return {}
  return emailCase === 'nickname_only' ? { nickname } : { nickname, picture }
}

const emailMembers = (emailCase: KakaoEmail, email: string): Record<string, unknown> => {
  switch (emailCase) {
    case 'usable':
    case 'invalid':
    case 'unverified':
      return {
        has_email: true,
        email_needs_agreement: false,
        is_email_valid: emailCase !== 'invalid',
        is_email_verified: emailCase === 'usable',
        email,
      }
    case 'declined':
      return { has_email: true, email_needs_agreement: true }
    case 'no_email':
      return { has_email: false, email_needs_agreement: false }
    default:
      return {}
  }
}

/** The body of `/v2/user/me`. */
export const kakaoAccountOf = (person: KakaoPerson, scopes: readonly string[]): Record<string, unknown> => {
  const { id, nickname, picture, email } = person
  const emailCase = caseOf(person, scopes)
  const known = { id, connected_at: '2026-02-11T01:45:28Z' }
  if (emailCase === 'no_account') return known
  if (emailCase === 'nickname_only')
    return {
      ...known,
      kakao_account: { profile_nickname_needs_agreement: false, profile: { nickname } },
    }
  return {
    ...known,
    properties: { nickname },
    kakao_account: {
      profile_nickname_needs_agreement: false,
      profile_image_needs_agreement: false,
      profile: {
        nickname,
        thumbnail_image_url: picture,
        profile_image_url: picture,
        is_default_image: false,
        is_default_nickname: false,
      },
      ...emailMembers(emailCase, email),
    },
  }
}
