import { useApi } from './api.ts'
import { Card } from './card.tsx'
import { useTexts } from './texts.ts'

interface Order {
  id: string
  title: string
  quantity: number
}

/** The API answers 403 if the token does not have the scope `orders:read`. */
export const Orders = () => {
  const texts = useTexts()
  return (
    <Card title={texts.orders} answer={useApi<{ orders: Order[] }>('/orders')}>
      {({ orders }) =>
        orders.length === 0 ? (
          <p className="muted">{texts.noOrders}</p>
        ) : (
          <ul>
            {orders.map(({ id, title, quantity }) => (
              <li key={id}>
                {title}
                <span className="muted">× {quantity}</span>
              </li>
            ))}
          </ul>
        )
      }
    </Card>
  )
}
