package boltfile

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
)

const (
	magic      = 0xED0CDAED
	version    = 2
	metaSize   = 64
	sumFrom    = 56 // the bytes before are summed up
	guessPages = 8  // page sizes that are tried for the second meta page, from 1 KiB on
)

var errMeta = errors.New("neither of its two heads is whole")

// ErrHead is returned for a file that is whole but for one of its two heads, and lacks its last change perhaps.
var ErrHead = errors.New("one of its two heads is not whole")

// meta is what is needed of a meta page.
type meta struct {
	pageSize int64
	root     uint64
	end      uint64 // no page from here on is used
	change   uint64
}

// readMeta is the newer one of the two meta pages that are whole.
func readMeta(file io.ReaderAt, size int64) (m meta, both bool, err error) {
	best, ok := metaAt(file, 0)
	first := ok
	at := make([]int64, 0, guessPages)
	if ok {
		at = append(at, best.pageSize)
	} else {
		for i := range guessPages {
			at = append(at, 1024<<i)
		}
	}
	for _, place := range at {
		if m, whole := metaAt(file, place); whole && m.pageSize == place && m.pageSize > 0 {
			both = first
			if !ok || m.change > best.change {
				best, ok = m, true
			}
		}
	}
	if !ok || best.pageSize < smallestPage || best.pageSize > largestPage || size < 2*best.pageSize {
		return meta{}, false, errMeta
	}
	return best, both, nil
}

func metaAt(file io.ReaderAt, place int64) (meta, bool) {
	p := make([]byte, pageHeader+metaSize)
	if _, err := file.ReadAt(p, place); err != nil {
		return meta{}, false
	}
	p = p[pageHeader:]
	sum := fnv.New64a()
	_, _ = sum.Write(p[:sumFrom]) // which never fails
	if binary.LittleEndian.Uint32(p) != magic || binary.LittleEndian.Uint32(p[4:]) != version ||
		binary.LittleEndian.Uint64(p[sumFrom:]) != sum.Sum64() {
		return meta{}, false
	}
	return meta{
		pageSize: int64(binary.LittleEndian.Uint32(p[8:])),
		root:     binary.LittleEndian.Uint64(p[16:]),
		end:      binary.LittleEndian.Uint64(p[40:]),
		change:   binary.LittleEndian.Uint64(p[48:]),
	}, true
}
