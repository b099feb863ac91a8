package grafana

import "syscall"

// A group of its own, so that Ctrl-C reaches Steptrace, which then ends Grafana; and Grafana ends when Steptrace is
// killed.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: stopSignal}
}

const stopSignal = syscall.SIGTERM
