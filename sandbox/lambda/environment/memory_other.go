//go:build unix && !linux

package environment

// MaxMemoryMB is known on Linux only.
func (e *Environment) MaxMemoryMB() (int, bool) { return 0, false }
