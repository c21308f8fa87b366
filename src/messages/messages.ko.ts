// Every Korean sentence of the mails, written for Korean readers rather than translated, in 해요 style.
import type { Messages } from './messages.en.ts'

const lifetime = (minutes: number): string => `링크는 요청한 때부터 ${minutes}분 동안, 한 번만 쓸 수 있어요.`

const lookAtAccount = '내 계정 확인하기'

export const ko: Messages = {
  linkBelow: '버튼이 눌리지 않으면 이 주소를 복사해 브라우저에 붙여 넣어 주세요.',
  time: '일시',
  device: '기기',
  unknownDevice: '알 수 없음',
  ip: 'IP 주소',
  newAddress: '새 주소',
  footer: (name) => `${name}에서 자동으로 보낸 메일이에요. 답장은 확인하지 않아요.`,

  confirmEmail: (name, minutes) => ({
    subject: `[${name}] 이메일 주소를 확인해 주세요`,
    title: '이메일 주소를 확인해 주세요',
    lines: [
      `${name} 계정에 이 이메일 주소가 입력되었어요.`,
      '본인이 입력했다면 버튼을 눌러 주소를 확인해 주세요.',
    ],
    button: '이메일 주소 확인하기',
    notes: [
      lifetime(minutes),
      '입력한 적이 없다면 이 메일을 무시해 주세요. 주소는 확인되지 않은 채로 남아요.',
    ],
  }),
  resetPassword: (name, minutes) => ({
    subject: `[${name}] 비밀번호 재설정 안내`,
    title: '비밀번호 재설정',
    lines: [
      `${name} 계정의 비밀번호 재설정 요청을 받았어요.`,
      '본인이 요청했다면 버튼을 눌러 새 비밀번호를 정해 주세요.',
    ],
    button: '새 비밀번호 정하기',
    notes: [
      lifetime(minutes),
      '이 링크를 다른 사람에게 알려 주지 마세요. 요청한 적이 없다면 이 메일을 무시해 주세요. 비밀번호는 그대로예요.',
    ],
  }),
  confirmNewEmail: (name, minutes) => ({
    subject: `[${name}] 새 이메일 주소를 확인해 주세요`,
    title: '새 이메일 주소를 확인해 주세요',
    lines: [
      `${name} 계정의 이메일을 이 주소로 바꾸겠다는 요청을 받았어요.`,
      '본인이 요청했다면 버튼을 눌러 주세요. 그 전까지는 지금 주소를 그대로 써요.',
    ],
    button: '이 주소로 바꾸기',
    notes: [lifetime(minutes), '요청한 적이 없다면 이 메일을 무시해 주세요. 바뀌는 것은 없어요.'],
  }),
  passwordChanged: (name) => ({
    subject: `[${name}] 비밀번호가 바뀌었어요`,
    title: '비밀번호가 바뀌었어요',
    lines: [`${name} 계정의 비밀번호가 바뀌었어요. 직접 바꿨다면 더 하실 일은 없어요.`],
    button: lookAtAccount,
    notes: [
      '바꾼 적이 없다면 지금 바로 비밀번호를 새로 정해 주세요. 로그인 화면에서 ‘비밀번호를 잊으셨나요?’를 누르면 돼요.',
    ],
  }),
  providerLinked: (name, provider) => ({
    subject: `[${name}] ${provider} 계정이 연결되었어요`,
    title: `${provider} 계정이 연결되었어요`,
    lines: [`이제 ${provider} 계정으로도 ${name}에 로그인할 수 있어요. 직접 연결했다면 더 하실 일은 없어요.`],
    button: lookAtAccount,
    notes: [`연결한 적이 없다면 내 계정에서 ${provider} 연결을 끊고 비밀번호를 바꿔 주세요.`],
  }),
  providerUnlinked: (name, provider) => ({
    subject: `[${name}] ${provider} 계정 연결이 끊어졌어요`,
    title: `${provider} 계정 연결이 끊어졌어요`,
    lines: [`이제 ${provider} 계정으로는 ${name}에 로그인할 수 없어요. 직접 끊었다면 더 하실 일은 없어요.`],
    button: lookAtAccount,
    notes: ['끊은 적이 없다면 내 계정에서 로그인 방법을 확인하고 비밀번호를 바꿔 주세요.'],
  }),
  emailChanged: (name) => ({
    subject: `[${name}] 이메일 주소가 바뀌었어요`,
    title: '이메일 주소가 바뀌었어요',
    lines: [
      `${name} 계정의 이메일 주소가 바뀌어서, 이제 계정 소식을 이 주소로 보내지 않아요.`,
      '직접 바꿨다면 더 하실 일은 없어요.',
    ],
    notes: [`바꾼 적이 없다면 ${name} 운영자에게 바로 알려 주세요.`],
  }),
  newDevice: (name) => ({
    subject: `[${name}] 새로운 기기에서 로그인했어요`,
    title: '새로운 기기에서 로그인했어요',
    lines: [
      `전에 쓴 적이 없는 기기에서 ${name} 계정에 로그인했어요.`,
      '본인이 로그인했다면 더 하실 일은 없어요.',
    ],
    button: lookAtAccount,
    notes: ['본인이 아니라면 내 계정에서 그 기기를 로그아웃시키고 비밀번호를 바꿔 주세요.'],
  }),
  accountDeleted: (name) => ({
    subject: `[${name}] 계정이 삭제되었어요`,
    title: '계정이 삭제되었어요',
    lines: [`${name} 계정과 개인정보를 삭제하고, 모든 곳에서 로그아웃했어요.`],
    notes: [`삭제한 적이 없다면 ${name} 운영자에게 바로 알려 주세요.`],
  }),
  alreadyRegistered: (name) => ({
    subject: `[${name}] 이미 가입된 이메일이에요`,
    title: '이미 가입된 이메일이에요',
    lines: [
      `누군가 이 이메일로 ${name}에 새로 가입하려고 했어요. 이 이메일로 만든 계정이 있어서 새 계정은 만들지 않았어요.`,
      '본인이 가입하려고 했다면 원래 계정으로 로그인해 주세요. 비밀번호가 기억나지 않으면 로그인 화면에서 새로 정할 수 있어요.',
    ],
    button: '로그인하기',
    notes: ['본인이 아니라면 이 메일을 무시해 주세요. 계정은 그대로예요.'],
  }),
  test: (name) => ({
    subject: `[${name}] 시험 메일`,
    title: '메일이 잘 도착했어요',
    lines: [`${name} 관리자가 메일 서버를 시험하려고 보낸 메일이에요. 설정이 올바르게 되어 있어요.`],
    notes: [],
  }),
}
