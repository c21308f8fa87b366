'use client'

import { useRef, useState } from 'react'

const callApi = (path, init = {}) => fetch(`/api${path}`, { ...init, headers: { 'x-bff': '1' } })

export function Workbench() {
  const [text, setText] = useState('')
  const controllerRef = useRef(null)

  const show = async (path) => {
    const response = await callApi(path)
    setText(`${response.status} ${await response.text()}`)
  }

  const stream = async () => {
    const controller = new AbortController()
    controllerRef.current = controller
    setText('')
    try {
      const response = await callApi('/chat', { signal: controller.signal })
      if (!response.ok) return setText(`${response.status} ${await response.text()}`)
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        const { value } = read
        setText((shown) => shown + value)
      }
    } catch (error) {
      if (!controller.signal.aborted) setText(String(error))
    }
  }

  return (
    <>
      <button type="button" onClick={() => show('/me')}>
        Who am I?
      </button>
      <button type="button" onClick={() => show('/orders')}>
        Orders
      </button>
      <button type="button" onClick={stream}>
        Chat
      </button>
      <button type="button" onClick={() => controllerRef.current?.abort()}>
        Stop
      </button>
      <output aria-live="polite">{text}</output>
      <form action="/logout" method="post">
        <button type="submit">Sign out</button>
      </form>
    </>
  )
}
