import { compressors } from 'hyparquet-compressors'
import { installCodecs } from '../data/from-arrow.ts'
import { lz4Frame } from './lz4-frame.ts'

/** What unpacks the buffers of Arrow record batches: LZ4 frames and ZSTD. */
export function installArrowCodecs(): void {
  installCodecs(lz4Frame, (bytes, length) => {
    const unpacked = compressors.ZSTD!(bytes, length)
    return unpacked.byteOffset % 8 === 0 ? unpacked : new Uint8Array(unpacked) // views need aligned bytes
  })
}
