/** The part of a file that this needs; a `FileHandle` is one. */
interface Writable {
  write(
    bytes: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>
}

/**
 * Writes all of `bytes` at a position. A system may write less than it is given, for example when the disk is nearly
 * full, without an error: the rest is then written again, and fails if there is no room.
 *
 * @throws the file system's error; a part of the bytes may be written.
 */
export async function writeFully(file: Writable, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    if (bytesWritten === 0) throw new Error('a temporary file takes no more bytes')
    done += bytesWritten
  }
}
