import { Session } from 'node:inspector/promises'
import { type Profile, shares } from './profile-shares.ts'

/** Answers by which the bench learns where a process spends its CPU, see `profile-shares.ts`. */
export function profiling() {
  const session = new Session()
  return {
    async startProfile() {
      session.connect()
      await session.post('Profiler.enable')
      await session.post('Profiler.setSamplingInterval', { interval: 500 })
      await session.post('Profiler.start')
    },
    /** ms of the main thread by part */
    async stopProfile() {
      const { profile }: { profile: Profile } = await session.post('Profiler.stop')
      session.disconnect()
      return shares(profile)
    },
  }
}
