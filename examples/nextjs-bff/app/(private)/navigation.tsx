'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type Language, texts } from '@/texts'

export function Navigation({ language }: { language: Language }) {
  const { menu, chat, orders } = texts[language]
  const path = usePathname()
  const pages = [
    ['/chat', chat.title],
    ['/orders', orders.title],
  ] as const
  return (
    <nav aria-label={menu}>
      {pages.map(([page, title]) => (
        <Link key={page} href={page} aria-current={path === page ? 'page' : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  )
}
