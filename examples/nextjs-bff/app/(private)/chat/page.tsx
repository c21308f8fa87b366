import type { Metadata } from 'next'
import { currentLanguage } from '@/server/language'
import { texts } from '@/texts'
import { Chat } from './chat'

export const generateMetadata = async (): Promise<Metadata> => ({
  title: texts[await currentLanguage()].chat.title,
})

export default async function ChatPage() {
  return <Chat language={await currentLanguage()} />
}
