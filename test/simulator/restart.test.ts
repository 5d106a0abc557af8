import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startTimers } from '../../src/simulator/timers.ts'
import { eventually } from '../support/eventually.ts'
import { call, query, receiver, refund, simulator, submit } from './merchant.ts'

test('after a restart it has the same port, and everything it took is settled and notified', async () => {
  const gateway = await simulator({ settleMs: 100 })
  const shop = await receiver()
  const asked = refund({ notify_url: shop.url })
  await submit(gateway, asked)
  const { url } = gateway
  await gateway.stop()
  await expect(submit(gateway, asked)).rejects.toThrow('ECONNREFUSED')
  await sleep(200)
  expect(gateway.book).toEqual([])
  await gateway.restart()
  expect(gateway.url).toBe(url)
  expect(await submit(gateway, asked)).toMatchObject({ ret_code: '1002' })
  await gateway.idle(5000)
  expect(gateway.book).toHaveLength(1)
  expect(shop.notices).toHaveLength(1)
  expect(await query(gateway, asked)).toMatchObject({ sta_refund: '2' })
})

test('a notification that was under way at the stop is repeated after the restart', async () => {
  const gateway = await simulator({ settleMs: 0 })
  const shop = await receiver((index) => (index === 0 ? { afterMs: 1000 } : {}))
  await submit(gateway, refund({ notify_url: shop.url }))
  await eventually(() => shop.notices.length === 1)
  await gateway.stop()
  expect(gateway.summary().notifications.open).toBe(1)
  await gateway.restart()
  await gateway.idle(5000)
  expect(shop.notices).toHaveLength(2)
})

test('a stop breaks off calls that wait, and a second stop does nothing', async () => {
  const gateway = await simulator({ latencyMs: 60_000 })
  const silent = refund()
  gateway.script(silent.no_refund, { submit: ['timeout'] })
  const calls = [refund(), silent].map(async (asked) => await call(gateway, '/refund.htm', asked).catch(String))
  await eventually(() => gateway.requests.length === 2)
  await gateway.stop()
  for (const outcome of await Promise.all(calls)) expect(outcome).toMatch(/hang up|ECONNRESET/)
  await gateway.stop()
})

test('a client that goes away before it has sent its request harms nothing', async () => {
  const gateway = await simulator()
  const socket = connect(gateway.port, '127.0.0.1')
  socket.write('POST /refund.htm HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{')
  await sleep(50)
  socket.destroy()
  expect(await submit(gateway, refund())).toMatchObject({ ret_code: '0000' })
  expect(gateway.requests).toHaveLength(1)
})

test('what is put off while it is stopped waits for the restart', async () => {
  const done: string[] = []
  const timers = startTimers(Date.now)
  timers.pause()
  timers.after(0, () => done.push('task'))
  await sleep(50)
  expect(done).toEqual([])
  timers.resume()
  await eventually(() => done.length === 1)
})
