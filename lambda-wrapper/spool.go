package wrapper

import (
	"encoding/binary"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// spool keeps what has ended and has not been sent where it outlives the process: in a file of the environment's /tmp
// that is mapped into memory, so that writing is copying. os.Exit, log.Fatal, a panic in another goroutine or the
// kernel's killer for want of memory leave no time to send; the next process in the environment finds the file and
// does.
//
// Records are whole export requests; one behind the other they are one, as protobuf has it. A nil spool keeps nothing.
type spool struct {
	mu     sync.Mutex
	memory []byte
	moved  int // by how much records have moved down, so that a mark stays where it was
	file   *os.File
}

// The file: a magic, the bounds of the records (start and end in one word, so that they change together), the length of
// the open invocation's record, and when something was last written; then the open invocation, then the records.
const (
	spoolMagic   = "STSPOOL1"
	boundsAt     = 8
	openLengthAt = 16
	writtenAt    = 24
	openAt       = 64
	openSize     = 16 << 10
	recordsAt    = openAt + openSize
	spoolLength  = 1 << 20
)

// endSentinel is the end time in the record of an open invocation, replaced when it is read.
const endSentinel = int64(0x7357455354454e44)

func (s *spool) word(at int) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&s.memory[at])) }

// bounds are those of the records that have not been sent, from recordsAt.
func (s *spool) bounds() (start, end int) {
	w := s.word(boundsAt).Load()
	return int(w >> 32), int(w & 0xffffffff)
}

func (s *spool) setBounds(start, end int) { s.word(boundsAt).Store(uint64(start)<<32 | uint64(end)) }

// add keeps the request that write appends. It is left out when the file is full.
func (s *spool) add(write func([]byte) []byte) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	start, end := s.bounds()
	if start > 0 && end > (spoolLength-recordsAt)/2 {
		start, end = s.moveDown(start, end)
	}
	room := s.memory[recordsAt+end:]
	if written := write(room[:0:len(room)]); within(written, room) {
		s.setBounds(start, end+len(written))
		s.touch()
	}
}

// within tells whether what was appended to the beginning of room is there: had it been too long, it would be
// elsewhere.
func within(written, room []byte) bool {
	return len(written) > 0 && len(room) > 0 && &written[0] == &room[0]
}

// begin keeps the record of an invocation that has begun, in the place of the last one.
func (s *spool) begin(write func([]byte) []byte) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.word(openLengthAt).Store(0)
	room := s.memory[openAt:recordsAt]
	if written := write(room[:0:len(room)]); within(written, room) {
		s.word(openLengthAt).Store(uint64(len(written)))
		s.touch()
	}
}

// end drops the open invocation's record: it has ended, or is known otherwise.
func (s *spool) end() {
	if s != nil {
		s.word(openLengthAt).Store(0)
	}
}

func (s *spool) touch() { s.word(writtenAt).Store(uint64(time.Now().UnixNano())) }

// moveDown makes room behind the records. A process that ends in the middle of it loses them.
func (s *spool) moveDown(start, end int) (newStart, newEnd int) {
	s.setBounds(0, 0)
	copy(s.memory[recordsAt:], s.memory[recordsAt+start:recordsAt+end])
	s.setBounds(0, end-start)
	s.moved += start
	return 0, end - start
}

// mark is the end of the records so far.
func (s *spool) mark() int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, end := s.bounds()
	return s.moved + end
}

// forget drops the records before mark: they have been sent.
func (s *spool) forget(mark int) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, end := s.bounds(); mark < s.moved+end {
		s.setBounds(mark-s.moved, end)
	} else {
		s.setBounds(0, 0)
		s.moved += end
	}
}

// recover returns what an earlier process has left, as one export request, and makes the file ready for this one. What
// is left stays in the file until it is forgotten.
func (s *spool) recover() []byte {
	if string(s.memory[:len(spoolMagic)]) != spoolMagic {
		clear(s.memory)
		copy(s.memory, spoolMagic)
		return nil
	}
	start, end := s.bounds()
	if start > end || end > len(s.memory)-recordsAt {
		start, end = 0, 0
	}
	s.setBounds(start, end)
	if open := s.open(); open != nil && end+len(open) <= len(s.memory)-recordsAt {
		copy(s.memory[recordsAt+end:], open)
		end += len(open)
		s.setBounds(start, end)
	}
	s.end()
	return append([]byte(nil), s.memory[recordsAt+start:recordsAt+end]...)
}

// open is the record of an invocation that an earlier process began and did not end, ended when it last did something.
func (s *spool) open() []byte {
	length := s.word(openLengthAt).Load()
	if length == 0 || length > openSize {
		return nil
	}
	record := append([]byte(nil), s.memory[openAt:openAt+length]...)
	for at := 0; at+8 <= len(record); at++ {
		if int64(binary.LittleEndian.Uint64(record[at:])) == endSentinel {
			binary.LittleEndian.PutUint64(record[at:], s.word(writtenAt).Load())
			break
		}
	}
	return record
}
