package environment

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// capture passes on what the processes write to one pipe, and can tell when all that they wrote so far has passed.
type capture struct {
	reader *os.File
	writer *os.File // handed to the processes
	sink   io.Writer

	flushing sync.Mutex // one flush at a time
	flushed  chan struct{}
	done     chan struct{}
}

func newCapture(sink io.Writer) (*capture, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for the function's output: %w", err)
	}
	c := &capture{
		reader: reader, writer: writer, sink: sink, flushed: make(chan struct{}), done: make(chan struct{}),
	}
	go c.run()
	return c, nil
}

func (c *capture) run() {
	defer close(c.done)
	buf := make([]byte, 32<<10)
	for {
		n, err := c.reader.Read(buf)
		c.pass(buf[:n])
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			if c.reader.SetReadDeadline(time.Time{}) != nil || c.drain(buf) != nil {
				return
			}
			c.flushed <- struct{}{}
		case err != nil:
			return // closed
		}
	}
}

func (c *capture) pass(data []byte) {
	if len(data) > 0 {
		_, _ = c.sink.Write(data) // sinks are in memory
	}
}

// drain passes on what is in the pipe now, without waiting for more.
func (c *capture) drain(buf []byte) error {
	raw, err := c.reader.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Read(func(fd uintptr) bool {
		for {
			n, err := unix.Read(int(fd), buf)
			if err == unix.EINTR {
				continue
			}
			if err != nil || n <= 0 {
				return true
			}
			c.pass(buf[:n])
		}
	})
}

// flush returns when all that was written before has been passed on. A deadline in the past wakes the reader up.
func (c *capture) flush() {
	c.flushing.Lock()
	defer c.flushing.Unlock()
	if c.reader.SetReadDeadline(time.Unix(1, 0)) != nil {
		return // closed
	}
	select {
	case <-c.flushed:
	case <-c.done:
	}
}

// close ends the capture; what the processes wrote before has been passed on.
func (c *capture) close() {
	c.flush()
	_ = c.writer.Close() // nothing is buffered
	_ = c.reader.Close()
	<-c.done
}
