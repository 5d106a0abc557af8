import type { SettingName, Values } from './schema.ts'

/** Reads one setting that was found to be right. */
export type Read = <Name extends SettingName>(name: Name) => Values[Name]

/** A setting that some rule requires. */
export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the settings were grouped although a required one is missing')
  return value
}
