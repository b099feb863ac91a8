package guardedstorage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A sealed value is sealMark, the CRC-32C of key and content, and the content. bbolt has no checksums of its own.
const sealMark = "\x93steptrace1"

const sealSize = len(sealMark) + 4

var (
	errBroken   = errors.New("its checksum is wrong")
	errUnsealed = errors.New("it has no checksum")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(key string, content []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(key), castagnoli), castagnoli, content)
}

func seal(key string, content []byte) []byte {
	out := make([]byte, 0, sealSize+len(content))
	out = append(out, sealMark...)
	out = binary.BigEndian.AppendUint32(out, checksum(key, content))
	return append(out, content...)
}

// unseal is the content of a value.
func unseal(key string, value []byte) ([]byte, error) {
	if len(value) < sealSize || !bytes.HasPrefix(value, []byte(sealMark)) {
		return nil, errUnsealed
	}
	content := value[sealSize:]
	if binary.BigEndian.Uint32(value[len(sealMark):]) != checksum(key, content) {
		return nil, errBroken
	}
	return content, nil
}
