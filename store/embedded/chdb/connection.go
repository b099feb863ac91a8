package chdb

import (
	"errors"
	"runtime"
	"unsafe"
)

// Connection is a session of the engine: it has a current database, settings and temporary tables.
type Connection struct {
	lib     *Library
	pointer uintptr // chdb_connection *, for closing
	handle  uintptr // chdb_connection
}

// ErrConnect says that the engine refused a connection. The C API gives no reason.
var ErrConnect = errors.New("libchdb refused to start")

// Connect opens a session. The first one starts the engine; arguments are clickhouse-local's (--path=…,
// --config-file=…) and count for that one only.
func (l *Library) Connect(arguments ...string) (*Connection, error) {
	var pin runtime.Pinner
	defer pin.Unpin()
	argv := []*byte{nil}[:0]
	for _, a := range append([]string{"steptrace"}, arguments...) {
		zeroEnded := append([]byte(a), 0)
		pin.Pin(&zeroEnded[0])
		argv = append(argv, &zeroEnded[0])
	}
	argc := len(argv)
	argv = append(argv, nil)
	p := l.connect(int32(argc), unsafe.Pointer(&argv[0]))
	if p == 0 {
		return nil, ErrConnect
	}
	return &Connection{lib: l, pointer: p, handle: *(*uintptr)(fromC(p))}, nil
}

// Close ends the session. No result or insert of it may be in use any more.
func (c *Connection) Close() { c.lib.closeConnection(c.pointer) }

// Query runs a statement and holds its whole result in memory.
func (c *Connection) Query(query, format string, parameters ...Parameter) (*Result, error) {
	return c.lib.checked(call(c.lib.query, c.handle, query, format, parameters))
}

// Exec runs a statement and discards its result.
func (c *Connection) Exec(query string, parameters ...Parameter) error {
	r, err := c.Query(query, "Null", parameters...)
	if err != nil {
		return err
	}
	r.Free()
	return nil
}

// Class says what a statement does to state that outlives it.
type Class uint32

// The classes of chdb.h, by growing restriction.
const (
	ReadOnly       Class = iota // SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS, CHECK
	Mutating                    // changes inside a database
	MutatingGlobal              // changes beside the databases: functions, access, named collections
	Control                     // session or engine: SET, USE, SYSTEM, KILL, ATTACH, BACKUP, writing files
	Unknown                     // did not parse
)

// analysis is chdb_query_analysis_v1.
type analysis struct {
	size, statements, flags uint32
	class                   Class
}

// Classify parses a text without running it and returns how many statements it holds and the strictest class.
func (c *Connection) Classify(query string) (statements int, class Class) {
	a := analysis{class: Unknown}
	a.size = uint32(unsafe.Sizeof(a))
	if c.lib.classify(c.handle, unsafe.Pointer(pointer(query)), uintptr(len(query)), nil, 0, unsafe.Pointer(&a)) != 0 {
		return 0, Unknown
	}
	return int(a.statements), a.class
}
