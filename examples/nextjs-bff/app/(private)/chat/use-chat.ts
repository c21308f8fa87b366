'use client'

import { useEffect, useState } from 'react'
import { callApi } from '../call-api'

export interface Message {
  from: 'user' | 'service'
  text: string
  state: 'complete' | 'writing' | 'stopped'
}
export type Connection = 'connecting' | 'open' | 'offline'

const retryMs = 3000

/** Changes the message that the service writes at the moment. */
const changeLast = (messages: Message[], change: (last: Message) => Partial<Message>): Message[] => {
  const last = messages.at(-1)
  return last === undefined ? messages : [...messages.slice(0, -1), { ...last, ...change(last) }]
}

/** The chat of the user, the same in all tabs. `EventSource` reconnects when the service ends a stream. */
export const useChat = () => {
  const [messages, setMessages] = useState<Message[]>([])
  const [connection, setConnection] = useState<Connection>('connecting')

  useEffect(() => {
    let source: EventSource | undefined
    let retry: ReturnType<typeof setTimeout> | undefined
    let isClosed = false

    const connect = () => {
      const opened = new EventSource('/api/chat')
      source = opened
      const on = <T>(name: string, handle: (data: T) => void) =>
        opened.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent<string>).data)))
      on<Message[]>('history', (history) => {
        setMessages(history)
        setConnection('open')
      })
      on<Message>('message', (message) => setMessages((shown) => [...shown, message]))
      on<string>('word', (word) =>
        setMessages((shown) => changeLast(shown, ({ text }) => ({ text: `${text} ${word}`.trim() }))),
      )
      on<Message['state']>('state', (state) => setMessages((shown) => changeLast(shown, () => ({ state }))))
      opened.onerror = async () => {
        if (opened.readyState !== EventSource.CLOSED) return setConnection('connecting')
        // The answer was not a stream. An EventSource does not tell why, but this call shows the start page
        // after a logout.
        const { status } = await callApi('GET', '/me')
        if (isClosed || status === 401) return
        setConnection('offline')
        retry = setTimeout(connect, retryMs)
      }
    }

    connect()
    return () => {
      isClosed = true
      clearTimeout(retry)
      source?.close()
    }
  }, [])

  return { messages, connection }
}
