'use client'

import { type ChangeEvent, type FormEvent, useCallback, useEffect, useState } from 'react'
import { type Language, problemText, texts } from '@/texts'
import { callApi } from '../call-api'

interface Order {
  id: string
  title: string
  quantity: number
  receipt_bytes: number | null
}

const sizeOf = (bytes: number, language: Language): string => {
  const [unit, size] = bytes < 1_000_000 ? (['kilobyte', 1000] as const) : (['megabyte', 1_000_000] as const)
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 }).format(
    bytes / size,
  )
}

export function Orders({ language }: { language: Language }) {
  const { orders: text } = texts[language]
  const [orders, setOrders] = useState<Order[]>()
  const [problem, setProblem] = useState<string>()

  const call = useCallback(
    async <T,>(method: string, path: string, body?: object | File) => {
      const answer = await callApi<T>(method, path, body)
      setProblem(answer.ok ? undefined : problemText(texts[language], answer.status))
      return answer
    },
    [language],
  )
  const load = useCallback(async () => {
    const { ok, json } = await call<{ orders: Order[] }>('GET', '/orders')
    if (ok) setOrders(json?.orders)
  }, [call])
  useEffect(() => {
    void load()
  }, [load])
  /** Sends a change, and then shows the orders as the API has them. */
  const change = async (method: string, path: string, body?: object | File) => {
    const { ok } = await call(method, path, body)
    if (ok) await load()
    return ok
  }

  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const data = new FormData(form)
    const order = { title: data.get('title'), quantity: Number(data.get('quantity')) }
    if (await change('POST', '/orders', order)) form.reset()
  }
  const upload = async (id: string, { target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0]
    if (file) await change('PUT', `/orders/${id}/receipt`, file)
    target.value = ''
  }

  return (
    <div className="orders">
      <h1>{text.title}</h1>
      <form className="new-order" onSubmit={add}>
        <label>
          {text.name}
          <input name="title" required maxLength={100} placeholder={text.namePlaceholder} />
        </label>
        <label>
          {text.quantity}
          <input
            name="quantity"
            type="number"
            inputMode="numeric"
            required
            min={1}
            max={99}
            defaultValue={1}
          />
        </label>
        <button type="submit" className="primary">
          {text.add}
        </button>
      </form>
      {problem && (
        <p role="alert" className="notice">
          {problem}
        </p>
      )}
      {orders === undefined && !problem && <p className="soft">{text.loading}</p>}
      {orders?.length === 0 && <p className="soft">{text.empty}</p>}
      <ul className="order-list">
        {orders?.map((order) => (
          <li key={order.id}>
            <strong>{order.title}</strong>
            <div className="stepper">
              <button
                type="button"
                aria-label={text.less}
                disabled={order.quantity <= 1}
                onClick={() => change('PATCH', `/orders/${order.id}`, { quantity: order.quantity - 1 })}
              >
                −
              </button>
              <span>{order.quantity}</span>
              <button
                type="button"
                aria-label={text.more}
                disabled={order.quantity >= 99}
                onClick={() => change('PATCH', `/orders/${order.id}`, { quantity: order.quantity + 1 })}
              >
                +
              </button>
            </div>
            <div className="order-actions">
              {order.receipt_bytes !== null && (
                <a className="button" href={`/api/orders/${order.id}/receipt`} download>
                  {text.receipt} ({sizeOf(order.receipt_bytes, language)})
                </a>
              )}
              <label className="button">
                {order.receipt_bytes === null ? text.upload : text.replace}
                <input
                  type="file"
                  className="visually-hidden"
                  onChange={(event) => upload(order.id, event)}
                />
              </label>
              <button
                type="button"
                className="danger"
                onClick={() => change('DELETE', `/orders/${order.id}`)}
              >
                {text.remove}
              </button>
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}
