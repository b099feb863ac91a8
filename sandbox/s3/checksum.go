package s3

import (
	"crypto/sha1" //nolint:gosec // one of S3's checksum algorithms
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

const checksumPrefix = "X-Amz-Checksum-"

// crc64NVME is the reversed polynomial of CRC-64/NVME.
var crc64NVME = crc64.MakeTable(0x9a6c9329ac4bc9b5)

var checksums = map[string]func() hash.Hash{
	"Crc32":     func() hash.Hash { return crc32.NewIEEE() },
	"Crc32c":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"Crc64nvme": func() hash.Hash { return crc64.New(crc64NVME) },
	"Sha1":      sha1.New,
	"Sha256":    sha256.New,
}

// verifyChecksums compares the checksums that the client sent (Base64) with the body.
func verifyChecksums(header http.Header, body []byte) error {
	for name, newHash := range checksums {
		want := header.Get(checksumPrefix + name)
		if want == "" {
			continue
		}
		sum := newHash()
		sum.Write(body)
		if base64.StdEncoding.EncodeToString(sum.Sum(nil)) != want {
			return awswire.Errorf("BadDigest", "The %s you specified did not match the calculated checksum.",
				strings.ToUpper(name))
		}
	}
	return nil
}

// isChecksum tells whether a header carries a checksum (and not the algorithm, mode or type).
func isChecksum(name string) bool {
	algorithm, ok := strings.CutPrefix(name, checksumPrefix)
	return ok && checksums[algorithm] != nil
}
