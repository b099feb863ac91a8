package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"

	"github.com/steptrace/steptrace/cmd/steptrace/conversion"
)

// maxInput bounds a file once it is unpacked: a full history of 25,000 events has some tens of megabytes.
const maxInput = 1 << 30

// inputs reads the files that a command line names.
type inputs struct {
	stdin io.Reader
	limit int64 // bytes
}

// read reads a file, or standard input for -, and unpacks gzip.
func (in *inputs) read(name string) (conversion.File, error) {
	if name == "-" {
		return in.unpack("stdin", in.stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return conversion.File{}, err
	}
	defer f.Close()
	return in.unpack(name, f)
}

func (in *inputs) unpack(name string, r io.Reader) (conversion.File, error) {
	body, err := in.bounded(name, r)
	if bytes.HasPrefix(body, []byte{0xff, 0xfe}) || bytes.HasPrefix(body, []byte{0xfe, 0xff}) {
		return conversion.File{}, fmt.Errorf("%s is UTF-16, as > of Windows PowerShell writes it: "+
			"write UTF-8, with | Out-File -Encoding utf8", name)
	}
	if err != nil || !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return conversion.File{Name: name, Body: body}, err
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return conversion.File{}, fmt.Errorf("%s: gzip: %w", name, err)
	}
	if body, err = in.bounded(name, z); err != nil {
		return conversion.File{}, fmt.Errorf("gzip: %w", err)
	}
	return conversion.File{Name: name, Body: body}, nil
}

func (in *inputs) bounded(name string, r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, in.limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(body)) > in.limit {
		return nil, fmt.Errorf("%s is larger than the %d bytes that are read at once", name, in.limit)
	}
	return body, nil
}
