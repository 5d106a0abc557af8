import type { Registry } from 'prom-client'
import { droppedInUse, idleKeys, isConfigured, type KeyView, settingsVersions } from '../flows/key-view.ts'
import type { Overview } from '../flows/overview.ts'
import { alone, counter, gauge, type Sample } from './family.ts'

/** With which settings of merchants the fleet works. */
export function settings(registry: Registry, view: Overview): void {
  gauge(registry, {
    name: 'refund_settings_reload_failed',
    help: 'Processes whose settings have faults now, and which go on with those that they had before.',
    samples: alone(view.loaded.filter(({ faults }) => faults > 0).length),
  })
  gauge(registry, {
    name: 'refund_settings_versions',
    help: 'How many different settings of merchants the processes of the fleet work with; 1 when all agree.',
    samples: alone(settingsVersions(view.loaded)),
  })
  gauge(registry, {
    name: 'refund_settings_loaded_timestamp_seconds',
    help: 'When a process last took over other settings of merchants.',
    samples: alone(Math.max(0, ...view.loaded.map(({ at }) => at)) / 1000),
  })
  gauge(registry, {
    name: 'refund_unconfigured_refunds',
    help: 'Refunds that wait because their merchant is in no settings.',
    samples: alone(view.unconfigured.reduce((sum, { refunds }) => sum + refunds, 0)),
  })
}

/** Which keys do the work. */
export function merchantKeys(registry: Registry, { keys, now }: Overview): void {
  const configured = keys.filter((key) => isConfigured(key, now))
  counter(registry, {
    name: 'refund_key_uses_total',
    help: "Messages that a key of ours signed, and that a key of LianLian's verified.",
    samples: perKey(configured, ({ times }) => times),
  })
  gauge(registry, {
    name: 'refund_key_last_use_timestamp_seconds',
    help: 'When the key did so last; 0 when never.',
    samples: perKey(configured, ({ last = 0 }) => last / 1000),
  })
  gauge(registry, {
    name: 'refund_keys_idle',
    help: "Keys of LianLian's that have verified nothing for 7 days, while another of the merchant has.",
    samples: alone(idleKeys(keys, now).length),
  })
  gauge(registry, {
    name: 'refund_keys_dropped_in_use',
    help: "Keys of LianLian's that left the settings within a day, while none of the merchant has verified anything since.",
    samples: alone(droppedInUse(keys, now).length),
  })
}

function perKey(of: readonly KeyView[], read: (key: KeyView) => number): readonly Sample[] {
  return of.map((key) => ({
    labels: { oid_partner: key.oid_partner, use: key.use, key: key.fingerprint },
    value: read(key),
  }))
}
