package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/store/embedded/chdb"
)

// engine is the running libchdb.
type engine struct {
	log   *slog.Logger
	lib   *chdb.Library
	path  string // of the data folder; every connection has to name it
	disk  *disk
	slots chan struct{} // one for each statement that may run

	mu      sync.Mutex
	stopped bool             // no session may open any more
	open    sync.WaitGroup   // sessions; grows only while not stopped
	control *chdb.Connection // keeps the engine up, and kills queries; nil once it is down
}

// inProcess is held while an engine runs: libchdb has one per process.
var inProcess sync.Mutex

// ErrRunning is returned by Open when this process runs an engine already.
var ErrRunning = errors.New("an embedded ClickHouse runs in this process already: close it first, or use its URL")

// errStopping answers requests that come while the server closes.
var errStopping = exceptionf(codeQueryWasCancelled, "The server is shutting down. (QUERY_WAS_CANCELLED)")

// startEngine starts the engine on a data folder that prepareFolder has approved.
func startEngine(log *slog.Logger, libraryPath, dataPath string, maxQueries int) (_ *engine, err error) {
	if !inProcess.TryLock() {
		return nil, ErrRunning
	}
	defer func() {
		if err != nil {
			inProcess.Unlock()
		}
	}()
	disk := newDisk(log)
	lib, err := chdb.Load(libraryPath, disk.refused)
	if err != nil {
		return nil, fmt.Errorf("cannot load libchdb from %s: %w; remove the file and run `make chdb` "+
			"(on Linux the library needs glibc)", libraryPath, err)
	}
	config, err := writeEngineConfig()
	if err != nil {
		return nil, err
	}
	defer config.remove()
	control, said, err := lib.Start("--path="+dataPath, "--config-file="+config.main)
	if err != nil {
		return nil, startFailure(dataPath, said, err)
	}
	slots := make(chan struct{}, maxQueries)
	return &engine{log: log, lib: lib, path: dataPath, disk: disk, control: control, slots: slots}, nil
}

// session opens a connection of its own for one request, as soon as fewer than the allowed number run.
// (A connection costs 0.2 ms and 0.1 MB, so nothing is gained by handing a used one, with its settings, to the next.)
func (e *engine) session(ctx context.Context) (*session, error) {
	select {
	case e.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, exceptionf(codeTooManySimultaneous, "Gave up waiting for one of %d running queries to end: %s. "+
			"(TOO_MANY_SIMULTANEOUS_QUERIES)", cap(e.slots), ctx.Err())
	}
	if err := e.enter(); err != nil {
		<-e.slots
		return nil, err
	}
	conn, err := e.lib.Connect("--path=" + e.path)
	if err != nil {
		e.leave()
		return nil, err
	}
	return &session{Connection: conn, engine: e, mark: "/* steptrace:" + uuid.NewString() + " */"}, nil
}

// enter counts a session, unless the engine is about to stop.
func (e *engine) enter() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return errStopping
	}
	e.open.Add(1)
	return nil
}

// leave takes a session off the count and gives its slot to the next.
func (e *engine) leave() {
	<-e.slots
	e.open.Done()
}

// version returns ClickHouse's version.
func (e *engine) version() (string, error) {
	result, err := e.control.Query("SELECT version()", "RawBLOB")
	if err != nil {
		return "", err
	}
	defer result.Free()
	return string(result.Bytes()), nil
}

// kill asks the engine to stop the queries whose text ends with mark, and returns without waiting for that.
func (e *engine) kill(mark string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.control == nil {
		return nil
	}
	const statement = "KILL QUERY WHERE endsWith(query, {mark:String}) ASYNC"
	return e.control.Exec(statement, chdb.Parameter{Name: "mark", Value: mark})
}

// stop ends the engine once every session is closed.
func (e *engine) stop() {
	e.disk.stop()
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	e.open.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.control.Close()
	e.control = nil
	inProcess.Unlock()
}
