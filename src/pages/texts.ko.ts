// Every Korean sentence of the hosted pages, written for Korean readers rather than translated. 해요 throughout.
import type { Texts } from './texts.en.ts'

export const ko: Texts = {
  skip: '본문으로 건너뛰기',
  switchLanguage: 'English',
  footer: 'Dojang 도장이 확인합니다',
  optional: '선택',
  showPassword: '보기',
  hidePassword: '숨기기',
  showPasswordLabel: '비밀번호 보기',

  fields: {
    login: '이메일 또는 아이디',
    email: '이메일',
    name: '이름',
    username: '아이디',
    password: '비밀번호',
    currentPassword: '현재 비밀번호',
    newPassword: '새 비밀번호',
  },

  throttled: '시도 횟수가 너무 많아요.',
  retryIn: (time) => `${time} 뒤에 다시 시도해 주세요.`,
  retryLater: '잠시 뒤에 다시 시도해 주세요.',
  unavailable: '지금은 확인할 수 없어요. 사라진 것은 없으니 잠시 뒤에 다시 시도해 주세요.',
  untrusted: '이 페이지에서 보낸 요청이 아니어서 처리하지 않았어요. 여기서 다시 시도해 주세요.',
  expired: '페이지를 연 지 너무 오래되었어요. 앱으로 돌아가 처음부터 다시 시작해 주세요.',

  login: {
    title: '로그인',
    again: '본인 확인',
    againText: '이 단계에서는 본인 확인이 한 번 더 필요해요. 비밀번호를 다시 입력해 주세요.',
    continueTo: '로그인하고 계속할 앱',
    submit: '로그인',
    wrongCredentials: '이메일(아이디) 또는 비밀번호가 맞지 않아요.',
    noAccount: '아직 계정이 없나요?',
    register: '회원가입',
    or: '또는',
    with: (provider) => `${provider} 계정으로 계속하기`,
  },

  register: {
    title: '회원가입',
    submit: '가입하기',
    haveAccount: '이미 계정이 있나요?',
    login: '로그인',
    emailInvalid: 'name@example.com처럼 이메일 주소를 끝까지 입력해 주세요.',
    emailTaken: '이미 가입된 이메일이에요. 로그인하거나 다른 이메일을 입력해 주세요.',
    usernameInvalid: '아이디는 글자나 숫자로 시작하고, 글자·숫자와 . _ - 기호로 2~64자까지 쓸 수 있어요.',
    usernameTaken: '이미 쓰고 있는 아이디예요. 다른 아이디를 입력해 주세요.',
  },

  password: {
    hint: (length) => `${length}자 이상. 서로 관련 없는 낱말 몇 개를 이어 쓰면 안전해요.`,
    tooShort: (length) => `비밀번호는 ${length}자 이상이어야 해요.`,
    tooLong: '비밀번호가 너무 길어요. 조금 더 짧게 정해 주세요.',
    common: '널리 알려져서 가장 먼저 시도되는 비밀번호예요. 다른 비밀번호를 정해 주세요.',
    context: '이름이나 이메일, 서비스 이름이 들어가지 않은 비밀번호를 정해 주세요.',
    wrong: '현재 비밀번호가 맞지 않아요.',
  },

  consent: {
    title: (client) => `${client} 앱을 연결할까요?`,
    intro: (client) => `연결하면 ${client} 앱이 다음 일을 할 수 있어요.`,
    scopes: {
      openid: '본인인지 확인하기',
      profile: '이름과 아이디 보기',
      email: '이메일 주소 보기',
      offline_access: '연결을 끊을 때까지, 자리에 없을 때에도 접근하기',
    },
    otherScope: '다음 권한 사용하기',
    sendsTo: '이동할 곳',
    lasts: '연결 기간',
    upTo: (time) => `최대 ${time}`,
    signedInAs: '로그인한 계정',
    allow: '동의하고 연결',
    deny: '연결 안 함',
    withdraw: '연결은 내 계정에서 언제든지 끊을 수 있어요.',
  },

  error: {
    reference: '문의 번호',
    detail: '개발자용 정보',
    kinds: {
      bad_request: {
        title: '요청을 이해하지 못했어요',
        text: '앱에서 보낸 요청에 잘못된 부분이 있어요. 바뀐 것은 없어요.',
        next: '앱으로 돌아가 다시 시도해 주세요. 계속되면 앱 운영자에게 알려 주세요.',
      },
      unknown_client: {
        title: '등록되지 않은 앱이에요',
        text: '등록되지 않은 앱에서 보낸 요청이라 로그인을 도와드릴 수 없어요.',
        next: '주소가 맞는지 확인해 주세요. 맞다면 앱 운영자에게 알려 주세요.',
      },
      bad_redirect: {
        title: '등록되지 않은 주소로는 보내드릴 수 없어요',
        text: '앱이 등록하지 않은 주소로 이동을 요청했어요. 안전을 위해 여기서 멈췄어요.',
        next: '이 페이지를 닫고, 믿을 수 있는 주소에서 앱을 다시 열어 주세요.',
      },
      expired: {
        title: '페이지가 만료되었어요',
        text: '다른 사람이 이어서 쓰지 못하도록 로그인 페이지는 잠깐만 열려 있어요.',
        next: '앱으로 돌아가 처음부터 다시 시작해 주세요.',
      },
      not_found: {
        title: '페이지를 찾을 수 없어요',
        text: '이 주소에는 아무것도 없어요.',
        next: '주소를 확인하거나, 이전 페이지로 돌아가 주세요.',
      },
      forbidden: {
        title: '허용되지 않은 요청이에요',
        text: '다른 사이트에서 보낸 요청이거나, 이 계정에 허용되지 않은 일이에요. 바뀐 것은 없어요.',
        next: '앱으로 돌아가 거기서 다시 시도해 주세요.',
      },
      unavailable: {
        title: '잠시만 기다려 주세요',
        text: '서비스 일부가 응답하지 않고 있어요. 로그인은 그대로이고, 사라진 것도 없어요.',
        next: '잠시 뒤에 페이지를 새로고침해 주세요.',
      },
      server_error: {
        title: '저희 쪽에 문제가 생겼어요',
        text: '잘못하신 것은 없어요. 운영자가 확인할 수 있도록 문제를 기록해 두었어요.',
        next: '다시 시도해 주세요. 계속되면 아래 문의 번호를 운영자에게 알려 주세요.',
      },
      throttled: {
        title: '잠시 쉬었다 갈게요',
        text: '짧은 시간에 너무 많은 시도가 있어서 잠깐 멈췄어요.',
        next: '잠시 뒤에 다시 시도해 주세요.',
      },
    },
  },

  logout: {
    title: '로그아웃할까요?',
    text: '이 브라우저에서 로그아웃되고, 여기서 연 앱들도 다시 로그인을 요청하게 돼요.',
    confirm: '로그아웃',
    doneTitle: '로그아웃했어요',
    doneText: '이제 이 페이지를 닫아도 돼요.',
  },

  formPost: {
    title: '앱으로 돌아가는 중이에요',
    text: '화면이 바뀌지 않으면 버튼을 눌러 주세요.',
    submit: '계속하기',
  },

  account: {
    title: '내 계정',
    signOut: '로그아웃',
    notices: {
      password_changed: '비밀번호를 바꿨어요.',
      sessions_ended: '요청한 대로 로그아웃했어요.',
      grant_withdrawn: '앱과의 연결을 끊었어요.',
    },
    sessions: '로그인한 곳',
    sessionsText: '모르는 곳이 있다면 로그아웃시킨 뒤 비밀번호를 바꿔 주세요.',
    unknownBrowser: '알 수 없는 브라우저',
    current: '지금 이 브라우저',
    started: '로그인',
    lastSeen: '마지막 사용',
    apps: '사용한 앱',
    endSession: '로그아웃',
    endSessionLabel: (name) => `${name} 로그아웃`,
    endOthers: '다른 곳에서 모두 로그아웃',
    grants: '연결한 앱',
    grantsText: '내 계정을 쓰도록 허락한 외부 앱이에요.',
    noGrants: '연결한 앱이 없어요.',
    granted: '연결한 때',
    withdraw: '연결 끊기',
    withdrawLabel: (name) => `${name} 연결 끊기`,
    scopes: {
      openid: '본인 확인',
      profile: '이름과 아이디',
      email: '이메일 주소',
      offline_access: '자리에 없을 때의 접근',
    },
    password: '비밀번호 바꾸기',
    endOthersToo: '다른 곳에서는 모두 로그아웃하기',
    changePassword: '비밀번호 바꾸기',
    noPassword: '비밀번호 없이 로그인하는 계정이에요.',
  },
}
