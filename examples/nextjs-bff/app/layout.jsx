import './style.css'

export const metadata = { title: 'Dojang with Next.js' }

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
