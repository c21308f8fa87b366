import { auth } from '@/auth'

export default async function Page() {
  const session = await auth()
  return <h1>{session ? `${session.user?.name}님, 안녕하세요` : '로그인해 주세요'}</h1>
}
