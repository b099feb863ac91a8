package embedded

import (
	"errors"
	"io"

	"github.com/steptrace/steptrace/store/embedded/chdb"
)

// insertChunk is how much of an upload is handed to the engine at once, in bytes.
const insertChunk = 1 << 20

// insert runs an INSERT and streams its data into the engine. An upload that is cut off is given up, never committed
// as if it had ended there.
func (s *session) insert(st statement, parameters []chdb.Parameter, out *response) error {
	insert, err := s.Insert(s.marked(st.Text), st.Format, parameters...)
	if err != nil {
		return err
	}
	chunk := make([]byte, insertChunk)
	for {
		n, err := fill(st.data, chunk)
		if err != nil && !errors.Is(err, io.EOF) {
			insert.Cancel()
			return err
		}
		if _, failed := insert.Write(chunk[:n]); failed != nil {
			return reasonFor(insert, failed)
		}
		if err != nil {
			break
		}
	}
	written, err := insert.Finish()
	out.add(written)
	return err
}

// reasonFor ends a failed insert and returns what the engine says about it.
func reasonFor(insert *chdb.Insert, failed error) error {
	if _, reason := insert.Finish(); reason != nil {
		return reason
	}
	return failed
}

// fill reads until the chunk is full or the data ends. Unlike io.ReadFull it leaves io.EOF and
// io.ErrUnexpectedEOF as the reader gave them: the one ends an upload, the other says that it was cut off.
func fill(r io.Reader, chunk []byte) (n int, err error) {
	for n < len(chunk) && err == nil {
		var k int
		k, err = r.Read(chunk[n:])
		n += k
	}
	return n, err
}
