// Package digest is the hashing that both query languages of Step Functions offer: States.Hash and $hash.
package digest

import (
	"crypto/md5"  //nolint:gosec // offered by name, not used for security
	"crypto/sha1" //nolint:gosec // offered by name, not used for security
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
)

var algorithms = map[string]func() hash.Hash{
	"MD5": md5.New, "SHA-1": sha1.New, "SHA-256": sha256.New, "SHA-384": sha512.New384, "SHA-512": sha512.New,
}

// Hex is the digest of a text in lower-case hexadecimal.
func Hex(algorithm, text string) (string, error) {
	newHash, ok := algorithms[algorithm]
	if !ok {
		return "", fmt.Errorf("the algorithm must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512, not %q", algorithm)
	}
	h := newHash()
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil)), nil
}
