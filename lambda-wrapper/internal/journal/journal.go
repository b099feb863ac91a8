// Package journal keeps what a process has to send in a file's memory, where it outlives the process: os.Exit, a panic,
// SIGKILL and the end of the memory. The next process in the same place finds what is left.
//
// A journal is memory that the file maps: writing is a copy, without a system call. Its blocks are reserved at once, so
// that a full disk is an error at the start and not a fault later.
package journal

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"
	"time"
	"unsafe"
)

// The file: the header, the preamble's bytes, entries one after another up to heldAt, and what is held.
const (
	fileSize   = 1 << 20
	heldAt     = fileSize - 64<<10
	headerSize = 40
	magic      = "steptrac"
	version    = 1
)

// Offsets in the header, each of 8 bytes.
const (
	versionAt      = 8
	preambleSizeAt = 16
	entriesSizeAt  = 24
	heldSizeAt     = 32
)

// Journal is the file of one process. Its methods may be called on nil, which keeps nothing. It is not safe for
// concurrent use.
type Journal struct {
	memory   []byte // of the file
	first    int    // where entries begin
	next     int    // where the next entry goes
	heldTime int    // where the end time of what is held is; 0: nowhere
	close    func() error
}

func (j *Journal) begin(preamble []byte) bool {
	if headerSize+len(preamble) > heldAt {
		return false
	}
	copy(j.memory, magic)
	j.set(versionAt, version)
	j.set(preambleSizeAt, len(preamble))
	j.first = headerSize + copy(j.memory[headerSize:], preamble)
	j.next = j.first
	return true
}

// set comes after what it tells of was written, and is seen so by whoever reads the file.
func (j *Journal) set(at, value int) {
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&j.memory[at])), uint64(value)) // 8-byte aligned, as the file is
}

// Add keeps an entry, which add appends to the slice that it gets. It is false when there is no room.
func (j *Journal) Add(add func([]byte) []byte) bool {
	if j == nil {
		return false
	}
	size, ok := appendWithin(j.memory[j.next:heldAt], add)
	if ok {
		j.next += size
		j.set(entriesSizeAt, j.next-j.first)
	}
	return ok
}

// Clear forgets all entries: they have been sent.
func (j *Journal) Clear() {
	if j != nil {
		j.next = j.first
		j.set(entriesSizeAt, 0)
	}
}

// Hold keeps, in place of what was held, something that is left only if the process does not live to Release it.
// endTime is 8 bytes within, to be overwritten by Touch; there may be none.
func (j *Journal) Hold(add func([]byte) []byte, endTime []byte) bool {
	if j == nil {
		return false
	}
	j.Release()
	size, ok := appendWithin(j.memory[heldAt:fileSize], add)
	if ok {
		if at := bytes.LastIndex(j.memory[heldAt:heldAt+size], endTime); len(endTime) == 8 && at >= 0 {
			j.heldTime = heldAt + at
		}
		j.set(heldSizeAt, size)
	}
	return ok
}

// Touch tells until when what is held has been alive.
func (j *Journal) Touch(t time.Time) {
	if j != nil && j.heldTime > 0 {
		binary.LittleEndian.PutUint64(j.memory[j.heldTime:], uint64(t.UnixNano()))
	}
}

// Release forgets what is held.
func (j *Journal) Release() {
	if j != nil {
		j.set(heldSizeAt, 0)
		j.heldTime = 0
	}
}

// appendWithin lets add append to the room, which it may find too small: then it has appended elsewhere.
func appendWithin(room []byte, add func([]byte) []byte) (size int, ok bool) {
	if len(room) == 0 {
		return 0, false
	}
	out := add(room[:0:len(room)])
	return len(out), len(out) > 0 && &out[0] == &room[0]
}

// read takes preamble, entries and what is held out of a file's bytes; ok is false for what is no journal.
func read(file []byte) (preamble, entries, held []byte, ok bool) {
	if len(file) != fileSize || string(file[:len(magic)]) != magic || number(file, versionAt) != version {
		return nil, nil, nil, false
	}
	preambleSize, entriesSize := number(file, preambleSizeAt), number(file, entriesSizeAt)
	heldSize := number(file, heldSizeAt)
	const room = heldAt - headerSize
	if preambleSize > room || entriesSize > room-preambleSize || heldSize > fileSize-heldAt {
		return nil, nil, nil, false
	}
	first := headerSize + preambleSize
	return file[headerSize:first], file[first : first+entriesSize], file[heldAt : heldAt+heldSize], true
}

func number(file []byte, at int) uint64 { return binary.NativeEndian.Uint64(file[at:]) }
