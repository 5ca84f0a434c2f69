export {
  ObjectStoreError,
  type ObjectStoreErrorKind,
  type ObjectStoreErrorOptions,
} from './errors.ts'
export { KEY_BYTES_MAX, assertKey, assertPrefix, compareKeys, isKey } from './keys.ts'
export { openObjectStore } from './open-object-store.ts'
export type { ObjectStoreSettings } from './settings.ts'
export type * from './types.ts'
export { watchStore } from './watched-store.ts'
export type { OnStoreRequest, StoreMethod } from './watched-store.ts'
