import { expect, test } from 'vitest'
import { schema } from '../../config/schema.ts'
import {
  containerOf,
  deploymentOf,
  deployments,
  ingresses,
  isChosenBy,
  type NetworkPolicy,
  networkPolicies,
  podLabels,
  roleOf,
  services,
} from './manifests.ts'

const NAME_OF_NAMESPACE = 'kubernetes.io/metadata.name'

const rolesIn = ({ spec: { podSelector } }: NetworkPolicy): string[] =>
  deployments
    .filter((each) => {
      const labels = podLabels(each)
      const expressed = podSelector.matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
      return expressed && isChosenBy(podSelector.matchLabels, labels)
    })
    .map(roleOf)
    .toSorted()

/** What the policies let a role do: `in from NAMESPACE:PORT`, `out to NAMESPACE or CIDR:PORT`. */
function allowed(role: string): string[] {
  const own = networkPolicies.filter((policy) => rolesIn(policy).includes(role))
  return own
    .flatMap(({ spec: { ingress, egress } }) => [
      ingress.map(({ from, ports }) => ({ way: 'in from', peers: from, ports })),
      egress.map(({ to, ports }) => ({ way: 'out to', peers: to, ports })),
    ])
    .flat()
    .flatMap(({ way, peers, ports }) =>
      peers.flatMap(({ namespaceSelector, ipBlock }) => {
        const whom = namespaceSelector?.matchLabels[NAME_OF_NAMESPACE] ?? ipBlock?.cidr ?? 'everyone'
        return ports.map(({ protocol, port }) => `${way} ${whom} ${protocol} ${port}`)
      }),
    )
}

const COMMON = [
  'out to kube-system UDP 53',
  'out to kube-system TCP 53',
  'out to redis TCP 6379',
  'out to redis TCP 26379',
]
const GATEWAY = 'out to 0.0.0.0/0 TCP 443'

test('nothing goes in or out of a pod but what another policy lets through', () => {
  const nothing = networkPolicies.find(({ metadata }) => metadata.name === 'refund-nothing')
  expect(nothing?.spec).toEqual({
    podSelector: { matchLabels: {}, matchExpressions: [] },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [],
  })
  for (const { spec } of networkPolicies) {
    // a rule of a kind that its policy does not name is not looked at
    expect(spec.policyTypes.includes('Ingress')).toBe(spec.ingress.length > 0 || spec.egress.length === 0)
    expect(spec.policyTypes.includes('Egress')).toBe(spec.egress.length > 0 || spec.ingress.length === 0)
  }
})

test('only submit and query call the gateway, only the two servers are asked, each by whom it is for', () => {
  expect(Object.fromEntries(deployments.map((each) => [roleOf(each), allowed(roleOf(each))]))).toEqual({
    submit: [...COMMON, GATEWAY],
    query: [...COMMON, GATEWAY],
    publish: COMMON,
    receive: [...COMMON, 'in from ingress-nginx TCP 8080'],
    admin: [...COMMON, 'in from monitoring TCP 9090'],
  })
})

test('the ports that the policies open are those on which the pods listen', () => {
  for (const role of ['receive', 'admin']) {
    const [port] = containerOf(deploymentOf(role)).ports
    expect(allowed(role).filter((line) => line.startsWith('in '))).toEqual([
      expect.stringMatching(new RegExp(` TCP ${port?.containerPort}$`)),
    ])
  }
})

test('the way to the gateway leads to nothing in the cluster, and to no metadata of the machine', () => {
  const blocks = networkPolicies.flatMap(({ spec }) =>
    spec.egress.flatMap(({ to }) => to.map(({ ipBlock }) => ipBlock)),
  )
  const [block, ...others] = blocks.filter((each) => each !== undefined)
  expect(others).toEqual([])
  expect(block?.except).toEqual(
    expect.arrayContaining(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16']),
  )
})

test('of all that is in the cluster only the path of the notifications is public, by TLS', () => {
  expect(ingresses).toHaveLength(1)
  const [ingress] = ingresses
  const path = schema.RECEIVER_PATH.shownDefault.replaceAll('`', '')
  const backend = { service: { name: 'refund-receive', port: { name: 'http' } } }
  expect(ingress?.spec.rules.map(({ http }) => http)).toEqual([{ paths: [{ path, pathType: 'Exact', backend }] }])
  expect(ingress?.spec.tls.flatMap(({ hosts }) => hosts)).toEqual(ingress?.spec.rules.map(({ host }) => host))
  for (const { spec, metadata } of services) {
    // no `type`: inside the cluster only
    expect(Object.keys(spec).toSorted(), metadata.name).toEqual(['ports', 'selector'])
  }
})
