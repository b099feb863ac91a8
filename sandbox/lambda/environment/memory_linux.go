package environment

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// MaxMemoryMB is the sum of the processes' largest resident sizes in MiB, rounded up; false when it is unknown.
func (e *Environment) MaxMemoryMB() (int, bool) {
	total := 0
	for _, p := range e.running() {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
		if err != nil {
			continue // it has ended
		}
		total += highWaterKB(status)
	}
	return (total + 1023) / 1024, total > 0
}

// highWaterKB reads VmHWM out of /proc/PID/status.
func highWaterKB(status []byte) int {
	for line := range bytes.Lines(status) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == "VmHWM:" {
			kb, err := strconv.Atoi(string(fields[1]))
			if err == nil {
				return kb
			}
		}
	}
	return 0
}
