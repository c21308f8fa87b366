import './style.css'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { currentLanguage } from '@/server/language'
import { texts } from '@/texts'

export const generateMetadata = async (): Promise<Metadata> => {
  const { appName, tagline } = texts[await currentLanguage()]
  return { title: { default: appName, template: `%s · ${appName}` }, description: tagline }
}

export const viewport: Viewport = { colorScheme: 'light dark' }

export default async function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang={await currentLanguage()}>
      <body>{children}</body>
    </html>
  )
}
