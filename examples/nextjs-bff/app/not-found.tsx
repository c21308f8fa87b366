import { currentLanguage } from '@/server/language'
import { texts } from '@/texts'

export default async function NotFound() {
  const { notFound, toStart } = texts[await currentLanguage()]
  return (
    <div className="start">
      <main>
        <h1>{notFound}</h1>
        <a className="button" href="/">
          {toStart}
        </a>
      </main>
    </div>
  )
}
