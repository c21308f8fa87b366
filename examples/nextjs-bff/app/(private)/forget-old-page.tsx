'use client'

import { useEffect } from 'react'

/** The back button may show a page from the browser's memory, as it was before a logout. Load it again. */
export function ForgetOldPage() {
  useEffect(() => {
    const reload = ({ persisted }: PageTransitionEvent) => {
      if (persisted) window.location.reload()
    }
    window.addEventListener('pageshow', reload)
    return () => window.removeEventListener('pageshow', reload)
  }, [])
  return null
}
