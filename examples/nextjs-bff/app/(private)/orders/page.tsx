import type { Metadata } from 'next'
import { currentLanguage } from '@/server/language'
import { texts } from '@/texts'
import { Orders } from './orders'

export const generateMetadata = async (): Promise<Metadata> => ({
  title: texts[await currentLanguage()].orders.title,
})

export default async function OrdersPage() {
  return <Orders language={await currentLanguage()} />
}
