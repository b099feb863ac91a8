//go:build !linux

package grafana

import "syscall"

// A group of its own, so that Ctrl-C reaches Steptrace, which then ends Grafana.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

const stopSignal = syscall.SIGTERM
