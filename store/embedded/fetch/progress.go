package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress reports to a terminal; anywhere else it is silent.
type progress struct {
	w io.Writer // nil where nobody watches
}

func newProgress(f *os.File) *progress {
	if !term.IsTerminal(int(f.Fd())) {
		return &progress{}
	}
	return &progress{w: f}
}

func (p *progress) line(format string, args ...any) {
	if p.w != nil {
		fmt.Fprintf(p.w, "\r\x1b[K"+format, args...)
	}
}

// elapsed shows a counter of seconds until the returned function is called.
func (p *progress) elapsed(what string) (done func()) {
	if p.w == nil {
		return func() {}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		p.count(what, stop)
	}()
	return func() {
		close(stop)
		<-stopped
		p.line("")
	}
}

func (p *progress) count(what string, stop <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for seconds := 0; ; seconds++ {
		p.line("%s (about 180 MB) … %d s", what, seconds)
		select {
		case <-tick.C:
		case <-stop:
			return
		}
	}
}

// percent passes r on and shows how much of size bytes has been read.
func (p *progress) percent(what string, r io.Reader, size int64) io.Reader {
	if p.w == nil || size == 0 {
		return r
	}
	return &percentReader{Reader: r, p: p, what: what, size: size, shown: -1}
}

type percentReader struct {
	io.Reader
	p                 *progress
	what              string
	size, read, shown int64
}

func (r *percentReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.read += int64(n)
	if now := r.read * 100 / r.size; now != r.shown {
		r.shown = now
		r.p.line("%s … %d %%", r.what, now)
	}
	if err != nil {
		r.p.line("")
	}
	return n, err
}
