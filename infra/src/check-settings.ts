import { readConfig as readArchiverConfig } from '@poglog/archiver/config'
import { readConfig as readIngestConfig } from '@poglog/ingest/config'
import { readConfig as readQueryApiConfig } from '@poglog/query-api/config'
import { SettingsError, type Env, type WrongSetting } from '@poglog/service-kit'

const READERS = [readIngestConfig, readArchiverConfig, readQueryApiConfig]

/**
 * Checks the environment against the settings of all services before any of them is started.
 *
 * @throws {SettingsError} one that lists what is wrong for any of them.
 */
export function checkSettings(env: Env): void {
  const wrong = new Map<string, WrongSetting>()
  for (const read of READERS) {
    for (const setting of wrongIn(() => read(env))) wrong.set(setting.name, setting)
  }
  if (wrong.size > 0) throw new SettingsError([...wrong.values()])
}

function wrongIn(read: () => unknown): readonly WrongSetting[] {
  try {
    read()
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.wrong
    throw error
  }
}
