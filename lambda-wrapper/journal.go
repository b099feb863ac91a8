package wrapper

import (
	"encoding/binary"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// journal keeps what has ended and has not been sent where it outlives the process: in a file of the environment's /tmp
// that is mapped into memory, so that writing is copying. os.Exit, log.Fatal, a panic in another goroutine or the
// kernel's killer for want of memory leave no time to send; the next process in the environment finds the file and
// does.
//
// Records are whole export requests; one behind the other they are one, as protobuf has it. A nil one keeps nothing.
type journal struct {
	mu     sync.Mutex
	memory []byte
	moved  int // by how much records have moved down, so that a mark stays where it was
	file   *os.File
}

// The file: a magic, the bounds of the records (start and end in one word, so that they change together), the length of
// the open invocation's record, and when something was last written; then the open invocation, then the records.
const (
	journalMagic  = "STJRNL01"
	boundsAt      = 8
	openLengthAt  = 16
	writtenAt     = 24
	openAt        = 64
	openSize      = 16 << 10
	recordsAt     = openAt + openSize
	journalLength = 1 << 20
)

// endSentinel is the end time in the record of an open invocation, replaced when it is read.
const endSentinel = int64(0x7357455354454e44)

func (j *journal) word(at int) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&j.memory[at])) }

// bounds are those of the records that have not been sent, from recordsAt.
func (j *journal) bounds() (start, end int) {
	w := j.word(boundsAt).Load()
	return int(w >> 32), int(w & 0xffffffff)
}

func (j *journal) setBounds(start, end int) { j.word(boundsAt).Store(uint64(start)<<32 | uint64(end)) }

// add keeps the request that write appends. It is left out when the file is full.
func (j *journal) add(write func([]byte) []byte) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	start, end := j.bounds()
	if start > 0 && end > (journalLength-recordsAt)/2 {
		start, end = j.moveDown(start, end)
	}
	room := j.memory[recordsAt+end:]
	if written := write(room[:0:len(room)]); within(written, room) {
		j.setBounds(start, end+len(written))
		j.touch()
	}
}

// within tells whether what was appended to the beginning of room is there: had it been too long, it would be
// elsewhere.
func within(written, room []byte) bool {
	return len(written) > 0 && len(room) > 0 && &written[0] == &room[0]
}

// begin keeps the record of an invocation that has begun, in the place of the last one.
func (j *journal) begin(write func([]byte) []byte) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.word(openLengthAt).Store(0)
	room := j.memory[openAt:recordsAt]
	if written := write(room[:0:len(room)]); within(written, room) {
		j.word(openLengthAt).Store(uint64(len(written)))
		j.touch()
	}
}

// end drops the open invocation's record: it has ended, or is known otherwise.
func (j *journal) end() {
	if j != nil {
		j.word(openLengthAt).Store(0)
	}
}

func (j *journal) touch() { j.word(writtenAt).Store(uint64(time.Now().UnixNano())) }

// moveDown makes room behind the records. A process that ends in the middle of it loses them.
func (j *journal) moveDown(start, end int) (newStart, newEnd int) {
	j.setBounds(0, 0)
	copy(j.memory[recordsAt:], j.memory[recordsAt+start:recordsAt+end])
	j.setBounds(0, end-start)
	j.moved += start
	return 0, end - start
}

// mark is the end of the records so far.
func (j *journal) mark() int {
	if j == nil {
		return 0
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	_, end := j.bounds()
	return j.moved + end
}

// forget drops the records before mark: they have been sent.
func (j *journal) forget(mark int) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, end := j.bounds(); mark < j.moved+end {
		j.setBounds(mark-j.moved, end)
	} else {
		j.setBounds(0, 0)
		j.moved += end
	}
}

// recover returns what an earlier process has left, as one export request, and makes the file ready for this one. What
// is left stays in the file until it is forgotten.
func (j *journal) recover() []byte {
	if string(j.memory[:len(journalMagic)]) != journalMagic {
		clear(j.memory)
		copy(j.memory, journalMagic)
		return nil
	}
	start, end := j.bounds()
	if start > end || end > len(j.memory)-recordsAt {
		start, end = 0, 0
	}
	j.setBounds(start, end)
	if open := j.open(); open != nil && end+len(open) <= len(j.memory)-recordsAt {
		copy(j.memory[recordsAt+end:], open)
		end += len(open)
		j.setBounds(start, end)
	}
	j.end()
	return append([]byte(nil), j.memory[recordsAt+start:recordsAt+end]...)
}

// open is the record of an invocation that an earlier process began and did not end, ended when it last did something.
func (j *journal) open() []byte {
	length := j.word(openLengthAt).Load()
	if length == 0 || length > openSize {
		return nil
	}
	record := append([]byte(nil), j.memory[openAt:openAt+length]...)
	for at := 0; at+8 <= len(record); at++ {
		if int64(binary.LittleEndian.Uint64(record[at:])) == endSentinel {
			binary.LittleEndian.PutUint64(record[at:], j.word(writtenAt).Load())
			break
		}
	}
	return record
}
