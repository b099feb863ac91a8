//go:build unix && !linux

package environment

import "syscall"

// processAttributes: a group of its own. Only Linux can bind the life of a child to its parent's.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
