/** The bytes of an object: in memory, in pieces, or in a file (which must not change until the put has ended). */
export type ObjectBody =
  | Uint8Array
  | readonly Uint8Array[]
  | { readonly path: string; readonly sizeBytes: number }

/** An object as a listing shows it. `modifiedAtMs` is milliseconds since the Unix epoch, by the store's clock. */
export interface ObjectInfo {
  readonly key: string
  readonly sizeBytes: number
  readonly modifiedAtMs: number
}

/** Bytes `[start, end)` of an object. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface CallOptions {
  /** Ends the call early; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Where segments live. Keys are `/`-separated names without `.` or `..` parts.
 *
 * Every method throws {@link ObjectStoreError} and nothing else (an aborted call rejects with the
 * signal's reason).
 */
export interface ObjectStore {
  /** Writes a whole object durably: it is readable, complete, when this returns, and never in part before. */
  put(key: string, body: ObjectBody, options?: CallOptions): Promise<void>
  /**
   * Reads an object or a range of it; exactly the bytes asked for (a range is cut at the object's end).
   *
   * @returns `undefined` when there is no such object.
   */
  get(
    key: string,
    options?: CallOptions & { readonly range?: ByteRange },
  ): Promise<Uint8Array | undefined>
  /** The object's size in bytes, `undefined` when there is no such object. */
  size(key: string, options?: CallOptions): Promise<number | undefined>
  /** Yields the objects below a prefix in key order. For repair and sweeping; readers never list. */
  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo>
  /** Deletes an object; that it is not there is no error. */
  delete(key: string, options?: CallOptions): Promise<void>
  /** Deletes many objects; any number of keys. */
  deleteMany(keys: readonly string[], options?: CallOptions): Promise<void>
  /** Lets go of connections. */
  close(): Promise<void>
}
