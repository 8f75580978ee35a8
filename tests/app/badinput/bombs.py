"""Compressed bodies that are not what they should be. None takes noticeable time or memory to make."""
import struct
import zlib

MIB = 1 << 20
ZSTD_BLOCK_BYTES = 128 * 1024


def gzip(content, level=6):
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return packer.compress(content) + packer.flush()


def deflated_zeros(size, wbits):
    """`size` zero bytes (a multiple of 16 MiB): a block that was flushed can be repeated as it is."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\x03" if wbits == 31 else b"\x78\xda"
    return head + block * (size // (16 * MIB))


def zstd_frame(blocks, window_descriptor=0x58):
    """A frame of blocks, each (type, size, content); RFC 8878. Window descriptor 0x58: 2 MiB."""
    out = struct.pack("<I", 0xFD2FB528) + bytes([0x00, window_descriptor])
    for index, (kind, size, content) in enumerate(blocks):
        last = index + 1 == len(blocks)
        out += struct.pack("<I", size << 3 | kind << 1 | last)[:3] + content
    return out


def zstd_zeros(size):
    """Run-length blocks: four bytes for each 128 KiB."""
    count = size // ZSTD_BLOCK_BYTES
    head = struct.pack("<I", 0xFD2FB528) + bytes([0x00, 0x58])
    block = struct.pack("<I", ZSTD_BLOCK_BYTES << 3 | 1 << 1)[:3] + b"\0"
    last = struct.pack("<I", ZSTD_BLOCK_BYTES << 3 | 1 << 1 | 1)[:3] + b"\0"
    return head + block * (count - 1) + last
