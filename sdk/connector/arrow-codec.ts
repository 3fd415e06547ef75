import { compressors } from 'hyparquet-compressors'
import { installCodecs } from '../data/from-arrow.ts'
import { lz4Frame, toLz4Frame } from './lz4-frame.ts'
import { zstdCompressSync } from './zstd.ts'

/** What packs and unpacks the buffers of Arrow record batches: LZ4 frames and ZSTD. */
export function installArrowCodecs(): void {
  installCodecs(
    { decode: lz4Frame, encode: toLz4Frame },
    {
      decode: (bytes, length) => {
        const unpacked = compressors.ZSTD!(bytes, length)
        return unpacked.byteOffset % 8 === 0 ? unpacked : new Uint8Array(unpacked) // views need aligned bytes
      },
      encode: bytes => zstdCompressSync!(bytes),
    },
  )
}
