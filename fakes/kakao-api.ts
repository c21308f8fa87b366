// The API of the fake Kakao: facts about a person, logout and unlink.
import { json, type Reply } from './faults.ts'
import { type KakaoPerson, kakaoAccountOf, kakaoEmailOf, kakaoProfileOf } from './kakao-people.ts'
import { type KakaoEndpoint, type KakaoState, kakaoApiError } from './kakao-state.ts'
import { authorization, type Call, type Endpoints, endpoint, redirect } from './provider-server.ts'

interface Subject {
  person: KakaoPerson
  scopes: readonly string[]
}

const noSuchToken = kakaoApiError(401, -401, 'this access token does not exist')

/** The person of an API call: the owner of the access token, or the target that the admin key names. */
const subjectOf = ({ adminKey, grants, personOf }: KakaoState, call: Call): Subject | Reply => {
  const key = authorization(call, 'KakaoAK')
  if (key === undefined) {
    const held = grants.holder(authorization(call, 'Bearer'))
    const person = held && personOf(held.grant.personId)
    return held && person ? { person, scopes: held.grant.scopes } : noSuchToken
  }
  if (key !== adminKey) return kakaoApiError(401, -401, 'wrong appKey(appKey) format')
  const target = call.form.get('target_id') ?? call.url.searchParams.get('target_id') ?? ''
  const connected = grants.connections.get(target)
  const person = personOf(target)
  return connected && person
    ? { person, scopes: [...connected] }
    : kakaoApiError(400, -101, 'NotRegisteredUserException')
}

const userinfo = ({ person, scopes }: Subject): Reply => {
  const { email, usable } = kakaoEmailOf(person, scopes)
  return json(200, {
    sub: String(person.id),
    ...kakaoProfileOf(person),
    ...(email !== undefined && { email, email_verified: usable }),
  })
}

/** Ends the person's session at Kakao in this browser, and sends the browser back to the app. */
const accountLogout = ({ url }: Call): Reply => {
  const back = url.searchParams.get('logout_redirect_uri') ?? ''
  if (!URL.canParse(back)) return kakaoApiError(400, -2, 'logout_redirect_uri is missing')
  const to = new URL(back)
  const state = url.searchParams.get('state')
  if (state !== null) to.searchParams.set('state', state)
  return redirect(to, { 'set-cookie': 'kakao_person=; Path=/; Max-Age=0' })
}

export const createKakaoApi = (state: KakaoState): Endpoints<KakaoEndpoint> => {
  const { grants, appId } = state
  const about =
    (answer: (subject: Subject, call: Call) => Reply) =>
    (call: Call): Reply => {
      const subject = subjectOf(state, call)
      return 'person' in subject ? answer(subject, call) : subject
    }

  const accessTokenInfo = (call: Call): Reply => {
    const held = grants.holder(authorization(call, 'Bearer'))
    if (held === undefined) return noSuchToken
    return json(200, {
      id: Number(held.grant.personId),
      expires_in: held.expiresInSeconds,
      app_id: Number(appId),
    })
  }
  const logout = ({ person }: Subject, call: Call): Reply => {
    grants.endAccessToken(authorization(call, 'Bearer') ?? '')
    return json(200, { id: person.id })
  }
  /** Kakao sends no webhook here, because the app itself asked. */
  const unlink = ({ person }: Subject): Reply => {
    grants.disconnect(String(person.id))
    return json(200, { id: person.id })
  }

  return {
    '/v2/user/me': endpoint(
      'user',
      about(({ person, scopes }) => json(200, kakaoAccountOf(person, scopes))),
    ),
    '/v1/oidc/userinfo': endpoint('userinfo', about(userinfo), ['GET']),
    '/v1/user/access_token_info': endpoint('access_token_info', accessTokenInfo, ['GET']),
    '/v1/user/logout': endpoint('logout', about(logout), ['POST']),
    '/oauth/logout': endpoint('account_logout', accountLogout, ['GET']),
    '/v1/user/unlink': endpoint('unlink', about(unlink), ['POST']),
  }
}
