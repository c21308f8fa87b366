import type { ReactNode } from 'react'
import type { Answer } from './api.ts'
import { useTexts } from './texts.ts'

/** A box for the answer of one request. While the app asks again, the box keeps the last answer. */
export const Card = <Data,>({
  title,
  answer: { data, problem, loading, reload },
  children,
}: {
  title: string
  answer: Answer<Data> & { reload: () => void }
  children: (data: Data) => ReactNode
}) => {
  const texts = useTexts()
  return (
    <section aria-busy={loading} aria-label={title}>
      <div className="title">
        <h2>{title}</h2>
        <button type="button" className="quiet" onClick={reload} disabled={loading}>
          {texts.reload}
        </button>
      </div>
      {problem && (
        <p role="alert" className="notice">
          {texts[problem]}
        </p>
      )}
      {data !== undefined && children(data)}
      {data === undefined && loading && <p className="muted">{texts.loading}</p>}
    </section>
  )
}
