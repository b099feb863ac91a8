package chdb

import (
	"errors"
	"unsafe"
)

// Insert is an INSERT under way. Its connection takes no other statement until Finish or Cancel.
type Insert struct {
	lib    *Library
	handle uintptr
}

// Insert starts an INSERT; query holds neither FORMAT nor data. (The engine cuts binary data inside a query at a
// blank line, so data has to come by Write.)
func (c *Connection) Insert(query, format string, parameters ...Parameter) (*Insert, error) {
	i := &Insert{lib: c.lib, handle: call(c.lib.insert, c.handle, query, format, parameters)}
	if err := i.failure(); err != nil {
		i.lib.destroyInsert(i.handle)
		return nil, err
	}
	return i, nil
}

func (i *Insert) failure() error {
	if message := text(i.lib.insertError(i.handle)); message != "" {
		return errors.New(message)
	}
	return nil
}

// Write passes data in the insert's format; pieces may be cut anywhere. It blocks while the engine is behind.
func (i *Insert) Write(data []byte) (int, error) {
	if len(data) == 0 {
		return 0, nil
	}
	if i.lib.appendInsert(i.handle, unsafe.Pointer(&data[0]), uintptr(len(data))) != 0 {
		return 0, errors.Join(i.failure(), ErrInsertFailed)
	}
	return len(data), nil
}

// ErrInsertFailed says that the engine stopped taking data; Finish tells why.
var ErrInsertFailed = errors.New("libchdb stopped the insert")

// Finish commits what was written and frees the insert.
func (i *Insert) Finish() (Statistics, error) {
	defer i.lib.destroyInsert(i.handle)
	r, err := i.lib.checked(i.lib.finishInsert(i.handle))
	if err != nil {
		return Statistics{}, err
	}
	defer r.Free()
	return r.Statistics(), nil
}

// Cancel gives the insert up and frees it. Blocks that the engine had already written stay.
func (i *Insert) Cancel() {
	i.lib.cancelInsert(i.handle)
	i.lib.destroyInsert(i.handle)
}
