// The text that the terminal shows when the demo runs.

export const welcome = (
  language: 'ko' | 'en',
  { app, issuer, kakao, log }: { app: string; issuer: string; kakao: string; log: string },
): string =>
  language === 'ko'
    ? `
  도장 데모가 실행 중이에요. 모두 이 컴퓨터 안에서만 돌아가요.

    1  로그인하기      ${app}/   "도장으로 로그인"을 누르고 카카오, 구글, 네이버 중 하나 고르기
    2  토큰 보기       로그인하면 같은 화면에 나와요
    3  연결 끊기       ${kakao}/connections   카카오로 로그인했다면 "연결 끊기" 누르기
    4  확인하기        1번 화면이 몇 초 안에 로그아웃돼요

  발급자 ${issuer}/   로그 ${log}
  끝내려면 Ctrl+C를 누르세요. 데모가 만든 파일은 모두 지워져요.

`
    : `
  The Dojang demo is running. Everything runs on this machine.

    1  Sign in         ${app}/   Click "Sign in with Dojang", then choose Kakao, Google or Naver.
    2  See the tokens  The same page shows them after the sign-in.
    3  Disconnect      ${kakao}/connections   Click "Disconnect", if you signed in with Kakao.
    4  Watch           The page of step 1 signs you out within seconds.

  Issuer ${issuer}/   Log ${log}
  Press Ctrl+C to stop the demo. It deletes all files that it made.

`
