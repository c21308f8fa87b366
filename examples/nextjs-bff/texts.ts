export type Language = 'ko' | 'en'

const ko = {
  appName: '새 서비스',
  tagline: 'Next.js와 FastAPI로 만드는 서비스의 첫 화면',
  intro: '로그인, 대화 스트림, 파일 올리기까지 갖춘 시작점입니다. 여기서부터 팀의 서비스를 만들어 가세요.',
  features: [
    ['토큰은 서버에만', '브라우저에는 암호화된 HttpOnly 쿠키만 있고, 스크립트는 토큰을 볼 수 없어요.'],
    ['바로 보이는 답', '답이 한 단어씩 도착해요. 로그아웃하면 스트림도 5초 안에 끝나요.'],
    ['모든 요청을 한곳에서', '조회, 등록, 수정, 삭제와 파일 올리기가 모두 이 서버를 거쳐 API로 가요.'],
  ],
  signIn: '로그인',
  signInError: '로그인하지 못했어요. 잠시 뒤 다시 시도해 주세요.',
  sessionEnded: '로그아웃되었어요. 다시 로그인해 주세요.',
  otherLanguage: 'English',
  skip: '본문으로 건너뛰기',
  menu: '메뉴',
  notFound: '찾는 페이지가 없어요',
  toStart: '처음으로',
  signOut: '로그아웃',
  chat: {
    title: '대화',
    empty: '무엇이든 물어보세요. 답이 한 단어씩 도착하고, 다른 탭에서도 같은 대화가 보여요.',
    suggestion: '답은 어떻게 한 단어씩 오나요?',
    placeholder: '메시지를 입력하세요',
    send: '보내기',
    stop: '멈추기',
    you: '나',
    service: '서비스',
    stopped: '여기서 멈췄어요',
    connecting: '연결하는 중이에요…',
    offline: '서비스에 연결하지 못했어요. 곧 다시 시도할게요.',
  },
  orders: {
    title: '주문',
    name: '상품',
    namePlaceholder: '예: 연필',
    quantity: '수량',
    add: '주문 추가',
    empty: '아직 주문이 없어요.',
    loading: '불러오는 중이에요…',
    less: '하나 줄이기',
    more: '하나 늘리기',
    upload: '영수증 올리기',
    replace: '영수증 바꾸기',
    receipt: '영수증 받기',
    remove: '삭제',
  },
  problems: {
    403: '이 계정에는 권한이 없어요. 관리자에게 주문 권한(orders:read, orders:write)을 요청하세요.',
    404: '찾을 수 없어요. 다른 탭에서 삭제했을 수 있어요.',
    409: '지금은 할 수 없어요. 앞의 요청이 끝난 뒤 다시 시도해 주세요.',
    413: '파일이 너무 커요. 5MB까지 올릴 수 있어요.',
    422: '입력한 내용을 확인해 주세요.',
    other: '요청을 처리하지 못했어요. 잠시 뒤 다시 시도해 주세요.',
  },
}

const en: typeof ko = {
  appName: 'New service',
  tagline: 'The first page of a service with Next.js and FastAPI',
  intro:
    'A starting point with sign-in, a chat stream and file uploads. Build the service of your team from here.',
  features: [
    [
      'Tokens stay on the server',
      'The browser has one encrypted HttpOnly cookie. No script can see a token.',
    ],
    [
      'Answers appear at once',
      'They arrive word by word. After a logout the stream ends within five seconds.',
    ],
    [
      'One place for every request',
      'Read, create, change, delete and upload: each request reaches the API through this server.',
    ],
  ],
  signIn: 'Sign in',
  signInError: 'The sign-in failed. Try again soon.',
  sessionEnded: 'Your session has ended. Sign in again.',
  otherLanguage: '한국어',
  skip: 'Skip to content',
  menu: 'Menu',
  notFound: 'This page does not exist',
  toStart: 'Go to the start page',
  signOut: 'Sign out',
  chat: {
    title: 'Chat',
    empty: 'Ask anything. The answer arrives word by word, and other tabs show the same chat.',
    suggestion: 'How does an answer arrive?',
    placeholder: 'Write a message',
    send: 'Send',
    stop: 'Stop',
    you: 'You',
    service: 'Service',
    stopped: 'Stopped here',
    connecting: 'Connecting…',
    offline: 'The service did not answer. The page tries again soon.',
  },
  orders: {
    title: 'Orders',
    name: 'Product',
    namePlaceholder: 'For example: pencil',
    quantity: 'Quantity',
    add: 'Add order',
    empty: 'There are no orders yet.',
    loading: 'Loading…',
    less: 'One less',
    more: 'One more',
    upload: 'Upload receipt',
    replace: 'Replace receipt',
    receipt: 'Download receipt',
    remove: 'Delete',
  },
  problems: {
    403: 'This account lacks the permission. Ask an admin for orders:read and orders:write.',
    404: 'Not found. It may have been deleted in another tab.',
    409: 'This is not possible now. Try again when the last request has finished.',
    413: 'The file is too large. The limit is 5 MB.',
    422: 'Check the values of the form.',
    other: 'The request failed. Try again soon.',
  },
}

export type Texts = typeof ko
export const texts: Record<Language, Texts> = { ko, en }

/** The sentence for a status of the API. */
export const problemText = ({ problems }: Texts, status: number): string =>
  problems[status as keyof Texts['problems']] ?? problems.other
