// Package boltfile finds out whether a bbolt file is whole, without mapping it into memory and without trusting it:
// bbolt itself panics on much of what can be wrong with a file, and reads beyond its end, which no program survives.
package boltfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	branchPage = 0x01
	leafPage   = 0x02
	bucketLeaf = 0x01

	pageHeader   = 16
	bucketHeader = 16
	elementSize  = 16 // of a branch and of a leaf
	mostDepth    = 64
	largestPage  = 64 << 10
	smallestPage = 512
	largestRun   = 1 << 30 // bytes of a page and those that continue it

)

var (
	errOutside  = errors.New("lies outside of the file")
	errForeign  = errors.New("is another page")
	errKind     = errors.New("is of no kind that a tree has")
	errTwice    = errors.New("is in the tree twice")
	errElements = errors.New("has elements outside of it")
	errOrder    = errors.New("has keys out of order")
	errDepth    = errors.New("is too deep in the tree")
	errEmpty    = errors.New("has no elements")
)

// checker walks through the pages that the file's root reaches.
type checker struct {
	file io.ReaderAt
	size int64
	meta meta
	seen map[uint64]bool
}

// Check reads the file, of the size, and says what is wrong with it. What is stored in it has no checksums, so that a
// value may be damaged all the same.
func Check(file io.ReaderAt, size int64) error {
	m, err := readMeta(file, size)
	if err != nil {
		return err
	}
	c := &checker{file, size, m, make(map[uint64]bool)}
	return c.tree(m.root, 0)
}

func (c *checker) tree(id uint64, depth int) error {
	if err := c.page(id, depth); err != nil {
		var inner pageError
		if errors.As(err, &inner) {
			return err
		}
		return pageError{id, err}
	}
	return nil
}

type pageError struct {
	id    uint64
	cause error
}

func (e pageError) Error() string { return fmt.Sprintf("page %d: %v", e.id, e.cause) }
func (e pageError) Unwrap() error { return e.cause }

func (c *checker) page(id uint64, depth int) error {
	if depth > mostDepth {
		return errDepth
	}
	if c.seen[id] {
		return errTwice
	}
	c.seen[id] = true
	p, err := c.read(id)
	if err != nil {
		return err
	}
	return c.elements(p, depth)
}

// read reads a page with those that continue it.
func (c *checker) read(id uint64) ([]byte, error) {
	pages := uint64(c.size / c.meta.pageSize)
	if id < 2 || id >= c.meta.end || id >= pages {
		return nil, errOutside
	}
	head := make([]byte, pageHeader)
	if _, err := c.file.ReadAt(head, int64(id)*c.meta.pageSize); err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint64(head) != id {
		return nil, errForeign
	}
	run := uint64(binary.LittleEndian.Uint32(head[12:])) + 1
	if id+run > c.meta.end || id+run > pages || int64(run)*c.meta.pageSize > largestRun {
		return nil, errOutside
	}
	p := make([]byte, int64(run)*c.meta.pageSize)
	_, err := c.file.ReadAt(p, int64(id)*c.meta.pageSize)
	return p, err
}

// elements checks those of a page, or of a bucket that lies in an element, and the pages that they lead to.
func (c *checker) elements(p []byte, depth int) error {
	flags, count := binary.LittleEndian.Uint16(p[8:]), int(binary.LittleEndian.Uint16(p[10:]))
	if flags != branchPage && flags != leafPage {
		return errKind
	}
	if flags == branchPage && count == 0 {
		return errEmpty
	}
	if pageHeader+count*elementSize > len(p) {
		return errElements
	}
	var before []byte
	for i := range count {
		at := pageHeader + i*elementSize
		var key []byte
		var err error
		if flags == branchPage {
			key, err = c.branch(p, at, depth)
		} else {
			key, err = c.leaf(p, at, depth)
		}
		if err != nil {
			return err
		}
		if i > 0 && bytes.Compare(before, key) >= 0 {
			return errOrder
		}
		before = key
	}
	return nil
}

func (c *checker) branch(p []byte, at, depth int) ([]byte, error) {
	e := p[at:]
	key, ok := within(p, at, binary.LittleEndian.Uint32(e), binary.LittleEndian.Uint32(e[4:]))
	if !ok {
		return nil, errElements
	}
	return key, c.tree(binary.LittleEndian.Uint64(e[8:]), depth+1)
}

func (c *checker) leaf(p []byte, at, depth int) ([]byte, error) {
	e := p[at:]
	position, keySize := binary.LittleEndian.Uint32(e[4:]), binary.LittleEndian.Uint32(e[8:])
	key, ok := within(p, at, position, keySize)
	if !ok {
		return nil, errElements
	}
	value, ok := within(p, at+int(keySize), position, binary.LittleEndian.Uint32(e[12:]))
	if !ok {
		return nil, errElements
	}
	switch flags := binary.LittleEndian.Uint32(e); {
	case flags == 0:
		return key, nil
	case flags != bucketLeaf || len(value) < bucketHeader:
		return nil, errKind
	}
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		return key, c.tree(root, depth+1)
	}
	if len(value) < bucketHeader+pageHeader || depth >= mostDepth {
		return nil, errElements
	}
	return key, c.elements(value[bucketHeader:], depth+1)
}

// within is the n bytes of the page that are so far behind the place.
func within(p []byte, place int, offset, n uint32) ([]byte, bool) {
	from := int64(place) + int64(offset)
	if from+int64(n) > int64(len(p)) {
		return nil, false
	}
	return p[from : from+int64(n)], true
}
