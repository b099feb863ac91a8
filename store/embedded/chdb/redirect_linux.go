package chdb

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// redirect has a loaded library call function wherever it calls one of another library by that name. It overwrites the
// address that the loader has noted for the name in the library's table (.got.plt, which .rela.plt describes).
func redirect(handle uintptr, path, name string, function uintptr) error {
	file, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return err
	}
	base, err := baseOf(handle, symbols)
	if err != nil {
		return err
	}
	slot, err := slotOf(file, symbols, name)
	if err != nil {
		return err
	}
	return overwrite(base+uintptr(slot), function, closedByLoader(file, slot))
}

// baseOf returns where in memory the library begins.
func baseOf(handle uintptr, symbols []elf.Symbol) (uintptr, error) {
	for _, s := range symbols {
		if s.Name == anEntry {
			address, err := purego.Dlsym(handle, s.Name)
			return address - uintptr(s.Value), err
		}
	}
	return 0, fmt.Errorf("no symbol %s", anEntry)
}

// slotOf returns where the library keeps the address of the function, from its begin.
func slotOf(file *elf.File, symbols []elf.Symbol, name string) (uint64, error) {
	section := file.Section(".rela.plt")
	if section == nil {
		return 0, errors.New("no section .rela.plt")
	}
	entries, err := section.Data()
	if err != nil {
		return 0, err
	}
	const entry = 24 // bytes
	for ; len(entries) >= entry; entries = entries[entry:] {
		symbol := file.ByteOrder.Uint64(entries[8:]) >> 32 // from 1: 0 is none
		if symbol > 0 && symbol <= uint64(len(symbols)) && symbols[symbol-1].Name == name {
			return file.ByteOrder.Uint64(entries), nil
		}
	}
	return 0, fmt.Errorf("no call of %s", name)
}

// closedByLoader tells whether what is there may only be read once the library is loaded.
func closedByLoader(file *elf.File, offset uint64) bool {
	for _, p := range file.Progs {
		if p.Type == elf.PT_GNU_RELRO && p.Vaddr <= offset && offset < p.Vaddr+p.Memsz {
			return true
		}
	}
	return false
}

func overwrite(address, word uintptr, closed bool) error {
	if !closed {
		*(*uintptr)(fromC(address)) = word
		return nil
	}
	size := uintptr(os.Getpagesize())
	page := unsafe.Slice((*byte)(fromC(address&^(size-1))), size)
	if err := unix.Mprotect(page, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return err
	}
	*(*uintptr)(fromC(address)) = word
	return unix.Mprotect(page, unix.PROT_READ)
}
