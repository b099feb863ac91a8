package environment

import "syscall"

// processAttributes: a group of its own, and death with the sandbox even if that is killed.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
