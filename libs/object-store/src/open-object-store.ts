import { openFolderStore } from './folder-store.ts'
import { openS3Store } from './s3-store.ts'
import { checkSettings, type ObjectStoreSettings } from './settings.ts'
import type { ObjectStore } from './types.ts'

/**
 * Opens the store a url names and looks once whether it may be used.
 *
 * A server that does not answer is no error here: calls throw `unavailable` until it does.
 *
 * @throws {ObjectStoreError} `denied` when the bucket is missing or the credentials or folder rights do
 *   not suffice; for a folder also `unavailable` and `full`.
 * @throws {Error} when a setting is wrong.
 */
export async function openObjectStore(settings: ObjectStoreSettings): Promise<ObjectStore> {
  const checked = checkSettings(settings)
  return checked.kind === 'folder' ? await openFolderStore(checked) : await openS3Store(checked)
}
