// What the terminal says when the demo is up.

export const welcome = (
  language: 'ko' | 'en',
  { app, issuer, kakao, log }: { app: string; issuer: string; kakao: string; log: string },
): string =>
  language === 'ko'
    ? `
  도장 데모가 떴어요. 모두 이 컴퓨터 안에서만 움직여요.

    1  로그인하기      ${app}/   "도장으로 로그인" → 카카오 → 아무나 고르기
    2  토큰 보기       같은 화면에서
    3  연결 끊기       ${kakao}/connections   "연결 끊기"
    4  지켜보기        1번 화면이 몇 초 안에 알아채요

  발급자 ${issuer}/   기록 ${log}
  끝내려면 Ctrl+C. 만든 것은 모두 지워져요.

`
    : `
  The Dojang demo is up. All of it stays on this machine.

    1  Sign in         ${app}/   "Sign in with Dojang", then Kakao, then anybody
    2  See the tokens  on the same page
    3  Disconnect      ${kakao}/connections   "연결 끊기" (disconnect)
    4  Watch           the page of step 1 notices within seconds

  Issuer ${issuer}/   Log ${log}
  Ctrl+C ends it and deletes all it made.

`
