package chdb

import (
	"runtime"
	"unsafe"
)

// Parameter is the value of a {name:Type} placeholder, in ClickHouse's Escaped text form
// (as in the HTTP interface's param_name).
type Parameter struct{ Name, Value string }

var empty [1]byte

// pointer returns where a string's bytes lie; never nil, as the C API takes nil for an error.
func pointer(s string) *byte {
	if s == "" {
		return &empty[0]
	}
	return unsafe.StringData(s)
}

// array is a C array of strings with their lengths.
type array struct {
	bytes []*byte
	sizes []uintptr
}

func (a *array) add(s string, pin *runtime.Pinner) {
	p := pointer(s)
	pin.Pin(p)
	a.bytes = append(a.bytes, p)
	a.sizes = append(a.sizes, uintptr(len(s)))
}

// call passes Go strings to one of the query functions and keeps them in place meanwhile.
func call(f queryFunc, conn uintptr, query, format string, parameters []Parameter) uintptr {
	var pin runtime.Pinner
	defer pin.Unpin()
	var names, values array
	for _, p := range parameters {
		names.add(p.Name, &pin)
		values.add(p.Value, &pin)
	}
	return f(conn, unsafe.Pointer(pointer(query)), uintptr(len(query)),
		unsafe.Pointer(pointer(format)), uintptr(len(format)),
		unsafe.Pointer(unsafe.SliceData(names.bytes)), unsafe.Pointer(unsafe.SliceData(names.sizes)),
		unsafe.Pointer(unsafe.SliceData(values.bytes)), unsafe.Pointer(unsafe.SliceData(values.sizes)),
		uintptr(len(parameters)))
}

// fromC makes a pointer out of an address that C returned.
// The detour keeps vet from taking C's memory for Go's; the garbage collector never sees it.
func fromC(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// text copies a C string.
func text(address uintptr) string {
	if address == 0 {
		return ""
	}
	start := fromC(address)
	n := 0
	for *(*byte)(unsafe.Add(start, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(start), n))
}
