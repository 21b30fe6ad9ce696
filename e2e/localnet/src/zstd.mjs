/**
 * A Zstandard frame without compression: Node 20 has no zstd, and clients decode any valid frame.
 * Runs of one byte (accounts are mostly zeros) become RLE blocks, everything else raw blocks.
 */

const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const SINGLE_SEGMENT_WITH_8_BYTE_SIZE = 0xe0;
const BLOCK_SIZE = 128 * 1024;
const RAW = 0;
const RLE = 1;

/**
 * @param {Uint8Array} data
 * @returns {Buffer}
 */
export function store(data) {
  const header = Buffer.alloc(9);
  header[0] = SINGLE_SEGMENT_WITH_8_BYTE_SIZE;
  header.writeBigUInt64LE(BigInt(data.length), 1);
  /** @type {Uint8Array[]} */
  const parts = [MAGIC, header];
  let offset = 0;
  do {
    const block = data.subarray(offset, offset + BLOCK_SIZE);
    offset += block.length;
    const isRun = block.length > 1 && block.every((byte) => byte === block[0]);
    const blockHeader = Buffer.alloc(3);
    const isLast = offset >= data.length ? 1 : 0;
    blockHeader.writeUIntLE(isLast | ((isRun ? RLE : RAW) << 1) | (block.length << 3), 0, 3);
    parts.push(blockHeader, isRun ? block.subarray(0, 1) : block);
  } while (offset < data.length);
  return Buffer.concat(parts);
}
