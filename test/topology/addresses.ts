import type { RedisAddress } from '../../src/redis/connection.ts'

/** `host:port,...` as the settings read it. */
function addressesOf(list: string): { readonly host: string; readonly port: number }[] {
  return list.split(',').map((text) => {
    const [host = '', port] = text.split(':')
    return { host, port: Number(port) }
  })
}

export const sentinelAddress = ({ sentinels, name }: { sentinels: string; name: string }): RedisAddress => ({
  mode: 'sentinel',
  sentinels: addressesOf(sentinels),
  name,
})

export const clusterAddress = ({ nodes }: { nodes: string }): RedisAddress => ({
  mode: 'cluster',
  nodes: addressesOf(nodes),
})
