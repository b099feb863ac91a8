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
// value may be damaged all the same. ErrHead is no obstacle to opening it.
func Check(file io.ReaderAt, size int64) error {
	m, both, err := readMeta(file, size)
	if err != nil {
		return err
	}
	c := &checker{file, size, m, make(map[uint64]bool)}
	if err := c.tree(m.root, bounds{}, 0); err != nil {
		return err
	}
	if !both {
		return ErrHead
	}
	return nil
}

// bounds are the first key that a page may have, and the first that it may not; nil is none.
type bounds struct{ low, high []byte }

func (c *checker) tree(id uint64, keys bounds, depth int) error {
	err := c.page(id, keys, depth)
	var inner pageError
	if err == nil || errors.As(err, &inner) {
		return err
	}
	return pageError{id, err}
}

type pageError struct {
	id    uint64
	cause error
}

func (e pageError) Error() string { return fmt.Sprintf("page %d: %v", e.id, e.cause) }
func (e pageError) Unwrap() error { return e.cause }

func (c *checker) page(id uint64, keys bounds, depth int) error {
	if depth > mostDepth {
		return errDepth
	}
	p, err := c.read(id)
	if err != nil {
		return err
	}
	return c.elements(p, keys, depth)
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
	for one := id; one < id+run; one++ {
		if c.seen[one] {
			return nil, errTwice
		}
		c.seen[one] = true
	}
	p := make([]byte, int64(run)*c.meta.pageSize)
	_, err := c.file.ReadAt(p, int64(id)*c.meta.pageSize)
	return p, err
}

// elements checks those of a page, or of a bucket that lies in an element, and the pages that they lead to.
func (c *checker) elements(p []byte, keys bounds, depth int) error {
	flags, count := binary.LittleEndian.Uint16(p[8:]), int(binary.LittleEndian.Uint16(p[10:]))
	switch {
	case flags != branchPage && flags != leafPage:
		return errKind
	case flags == branchPage && count == 0:
		return errEmpty
	case pageHeader+count*elementSize > len(p):
		return errElements
	}
	all, err := keysOf(p, flags == leafPage, count)
	if err != nil {
		return err
	}
	if !ordered(all, keys) {
		return errOrder
	}
	for i := range count {
		at := pageHeader + i*elementSize
		if flags == leafPage {
			err = c.leaf(p, at, depth)
		} else {
			inside := bounds{all[i], keys.high}
			if i+1 < count {
				inside.high = all[i+1]
			}
			err = c.tree(binary.LittleEndian.Uint64(p[at+8:]), inside, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func keysOf(p []byte, leaf bool, count int) ([][]byte, error) {
	all := make([][]byte, count)
	for i := range count {
		at := pageHeader + i*elementSize
		place := p[at:] // of position and size
		if leaf {
			place = place[4:]
		}
		key, ok := within(p, at, binary.LittleEndian.Uint32(place), binary.LittleEndian.Uint32(place[4:]))
		if !ok {
			return nil, errElements
		}
		all[i] = key
	}
	return all, nil
}

func ordered(all [][]byte, keys bounds) bool {
	for i, key := range all {
		if i > 0 && bytes.Compare(all[i-1], key) >= 0 || bytes.Compare(key, keys.low) < 0 ||
			keys.high != nil && bytes.Compare(key, keys.high) >= 0 {
			return false
		}
	}
	return true
}

// leaf checks a value, which may be a bucket.
func (c *checker) leaf(p []byte, at, depth int) error {
	e := p[at:]
	keySize := binary.LittleEndian.Uint32(e[8:])
	value, ok := within(p, at+int(keySize), binary.LittleEndian.Uint32(e[4:]), binary.LittleEndian.Uint32(e[12:]))
	if !ok {
		return errElements
	}
	switch flags := binary.LittleEndian.Uint32(e); {
	case flags == 0:
		return nil
	case flags != bucketLeaf || len(value) < bucketHeader:
		return errKind
	}
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		return c.tree(root, bounds{}, depth+1)
	}
	if len(value) < bucketHeader+pageHeader || depth >= mostDepth {
		return errElements
	}
	return c.elements(value[bucketHeader:], bounds{}, depth+1)
}

// within is the n bytes of the page that are so far behind the place.
func within(p []byte, place int, offset, n uint32) ([]byte, bool) {
	from := int64(place) + int64(offset)
	if from+int64(n) > int64(len(p)) {
		return nil, false
	}
	return p[from : from+int64(n)], true
}
