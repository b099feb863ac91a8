// Package chdb binds libchdb's C API (ClickHouse as a shared library) with purego, so without cgo.
//
// libchdb is one engine per process: the first connection starts it on a data folder, further connections share it,
// and closing the last one stops it. A Connection runs one statement at a time and must not be used by two
// goroutines at once; different connections run in parallel. The C API is described in chdb.h of
// github.com/chdb-io/chdb-core.
package chdb

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Library holds the entry points of a loaded libchdb.
type Library struct {
	version func() string

	setSignalHandlers func(enabled int32)
	connect           func(argc int32, argv unsafe.Pointer) uintptr
	closeConnection   func(connection uintptr)
	classify          func(conn uintptr, query unsafe.Pointer, queryLen uintptr,
		database unsafe.Pointer, databaseLen uintptr, analysis unsafe.Pointer) int32

	query       queryFunc
	stream      queryFunc
	fetch       func(conn, stream uintptr) uintptr
	cancelQuery func(conn, stream uintptr)

	destroyResult func(result uintptr)
	buffer        func(result uintptr) uintptr
	length        func(result uintptr) uintptr
	resultError   func(result uintptr) uintptr
	rowsRead      func(result uintptr) uint64
	bytesRead     func(result uintptr) uint64
	rowsWritten   func(result uintptr) uint64
	bytesWritten  func(result uintptr) uint64

	insert        queryFunc
	appendInsert  func(insert uintptr, data unsafe.Pointer, size uintptr) int32
	finishInsert  func(insert uintptr) uintptr
	cancelInsert  func(insert uintptr)
	insertError   func(insert uintptr) uintptr
	destroyInsert func(insert uintptr)
}

// queryFunc is the shape shared by chdb_query_with_params_n and its streaming siblings.
type queryFunc func(conn uintptr, query unsafe.Pointer, queryLen uintptr, format unsafe.Pointer, formatLen uintptr,
	names, nameLens, values, valueLens unsafe.Pointer, count uintptr) uintptr

// Load opens the shared library at path. The engine starts with the first Connect.
//
// It keeps the engine from what would change the process around it: signal handlers, which would take SIGSEGV and its
// kin from the Go runtime, and a mask on the loading thread, which child processes would inherit. The engine's time
// zone becomes UTC whatever the machine's is.
//
// The engine itself takes a failed write for a done one, and so loses rows on a full disk. On Linux its writes are
// therefore tried again until they succeed, and refused is told of each failure; on other systems it is never called.
// With nil the engine is left as it is.
func Load(path string, refused Refused) (*Library, error) {
	var lib *Library
	err := onThrowawayThread(func() (err error) {
		lib, err = load(path, refused)
		return err
	})
	return lib, err
}

// Refused is told, on a thread of the engine's, of a write that the file's disk has refused, such as for want of room.
// The write is tried again when it returns.
type Refused func(file string, err error)

// onThrowawayThread runs f on a thread that ends with it.
func onThrowawayThread(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocks: so the runtime ends the thread with the goroutine
		result <- f()
	}()
	return <-result
}

func load(path string, refused Refused) (*Library, error) {
	if err := setEngineTimezone(); err != nil {
		return nil, err
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	lib := &Library{}
	for name, entry := range lib.entries() {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("not a libchdb of version 26.7 or newer: %w", err)
		}
		purego.RegisterFunc(entry, symbol)
	}
	if err := engineWriter.install(handle, path, refused); err != nil {
		return nil, fmt.Errorf("replace the engine's write: %w", err)
	}
	lib.setSignalHandlers(0)
	return lib, nil
}

// setEngineTimezone sets TZ for C code alone: neither Go nor child processes see it. The engine reads it when it
// starts, before its configuration, and has no other way to be told.
func setEngineTimezone() error {
	symbol, err := purego.Dlsym(purego.RTLD_DEFAULT, "setenv")
	if err != nil {
		return err
	}
	var setenv func(name, value string, overwrite int32) int32
	purego.RegisterFunc(&setenv, symbol)
	if setenv("TZ", "UTC", 1) != 0 {
		return errors.New("cannot set the engine's time zone")
	}
	return nil
}

// anEntry is a symbol that every libchdb has.
const anEntry = "chdb_version"

func (l *Library) entries() map[string]any {
	return map[string]any{
		anEntry:                            &l.version,
		"chdb_set_signal_handlers_enabled": &l.setSignalHandlers,
		"chdb_connect":                     &l.connect,
		"chdb_close_conn":                  &l.closeConnection,
		"chdb_classify_query_n":            &l.classify,
		"chdb_query_with_params_n":         &l.query,
		"chdb_stream_query_with_params_n":  &l.stream,
		"chdb_stream_fetch_result":         &l.fetch,
		"chdb_stream_cancel_query":         &l.cancelQuery,
		"chdb_destroy_query_result":        &l.destroyResult,
		"chdb_result_buffer":               &l.buffer,
		"chdb_result_length":               &l.length,
		"chdb_result_error":                &l.resultError,
		"chdb_result_storage_rows_read":    &l.rowsRead,
		"chdb_result_storage_bytes_read":   &l.bytesRead,
		"chdb_result_rows_written":         &l.rowsWritten,
		"chdb_result_bytes_written":        &l.bytesWritten,
		"chdb_stream_insert_with_params_n": &l.insert,
		"chdb_stream_append":               &l.appendInsert,
		"chdb_stream_done":                 &l.finishInsert,
		"chdb_stream_cancel_insert":        &l.cancelInsert,
		"chdb_stream_insert_error":         &l.insertError,
		"chdb_destroy_insert_stream":       &l.destroyInsert,
	}
}

// Version returns libchdb's version, such as "26.7.3". ClickHouse's own version is SELECT version().
func (l *Library) Version() string { return l.version() }
