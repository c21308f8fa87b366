'use client'

import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { type Language, problemText, texts } from '@/texts'
import { callApi } from '../call-api'
import { useChat } from './use-chat'

export function Chat({ language }: { language: Language }) {
  const { chat: text } = texts[language]
  const { messages, connection } = useChat()
  const [draft, setDraft] = useState('')
  const [problem, setProblem] = useState<string>()
  const end = useRef<HTMLDivElement>(null)
  const isWriting = messages.at(-1)?.state === 'writing'

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new word moves the end of the page.
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' })
  }, [messages])

  const send = async (question: string) => {
    if (question.trim() === '' || isWriting) return
    const { ok, status } = await callApi('POST', '/chat', { text: question.trim() })
    setProblem(ok ? undefined : problemText(texts[language], status))
    if (ok) setDraft('')
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void send(draft)
  }
  // While a Korean syllable is composed, Enter only finishes the syllable.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void send(draft)
  }

  return (
    <div className="chat">
      <h1 className="visually-hidden">{text.title}</h1>
      {messages.length === 0 && connection === 'open' && (
        <div className="empty">
          <p>{text.empty}</p>
          <button type="button" onClick={() => send(text.suggestion)}>
            {text.suggestion}
          </button>
        </div>
      )}
      <ol className="messages" aria-live="polite" aria-busy={isWriting}>
        {messages.map((message, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages are only added at the end.
          <li key={index} className={`message ${message.from}`} data-state={message.state}>
            <span className="visually-hidden">{message.from === 'user' ? text.you : text.service}: </span>
            <p>{message.text}</p>
            {message.state === 'stopped' && <small>{text.stopped}</small>}
          </li>
        ))}
      </ol>
      <div ref={end} />
      <form className="composer" onSubmit={submit}>
        <p className="status" role="status">
          {problem ?? (connection === 'open' ? '' : text[connection])}
        </p>
        <div className="field">
          <textarea
            rows={1}
            maxLength={2000}
            value={draft}
            aria-label={text.placeholder}
            placeholder={text.placeholder}
            onChange={({ target }) => setDraft(target.value)}
            onKeyDown={onKeyDown}
          />
          {isWriting ? (
            <button type="button" onClick={() => callApi('DELETE', '/chat')}>
              {text.stop}
            </button>
          ) : (
            <button type="submit" className="primary" disabled={draft.trim() === ''}>
              {text.send}
            </button>
          )}
        </div>
      </form>
    </div>
  )
}
