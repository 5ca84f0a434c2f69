import binding from 'zstd-napi/binding.js'
import { Compressor } from 'zstd-napi'

const compressors = new Map<number, Compressor>()
const decompressor = new binding.DCtx()

/** Compresses one page; one context a level is kept, because making one costs more than a page. */
export function zstdCompress(bytes: Uint8Array, level: number): Uint8Array {
  let compressor = compressors.get(level)
  if (compressor === undefined) {
    compressor = new Compressor()
    compressor.setParameters({ compressionLevel: level })
    compressors.set(level, compressor)
  }
  return compressor.compress(bytes)
}

/**
 * Decompresses one frame into exactly `sizeBytes` bytes. The frame's own claim about its size is not
 * believed: nothing larger than `sizeBytes` is allocated.
 *
 * @throws Error when the frame is damaged or does not hold `sizeBytes` bytes.
 */
export function zstdDecompress(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  const page = new Uint8Array(sizeBytes)
  const written = decompressor.decompress(page, bytes)
  if (written !== sizeBytes) throw new Error(`zstd frame holds ${written} of ${sizeBytes} bytes`)
  return page
}
