//go:build unix

package environment

import (
	"os/exec"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// process is one child with its own process group, so that signals reach what it starts itself.
type process struct {
	cmd       *exec.Cmd
	extension *extension // nil for the runtime
	exited    chan struct{}

	mu     sync.Mutex
	reaped bool
}

// startProcess starts cmd; onExit is called once after it has ended.
func startProcess(cmd *exec.Cmd, x *extension, onExit func(*process)) (*process, error) {
	p := &process{cmd: cmd, extension: x, exited: make(chan struct{})}
	cmd.SysProcAttr = processAttributes()
	started := make(chan error, 1)
	go p.run(started, onExit)
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (p *process) run(started chan<- error, onExit func(*process)) {
	// Linux sends the parent death signal when the thread ends that started the child, so this one has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := p.cmd.Start(); err != nil {
		started <- err
		return
	}
	started <- nil
	_ = p.cmd.Wait() // the outcome is in ProcessState
	p.sweep()
	onExit(p)
	close(p.exited)
}

// sweep kills what the process left in its group. Its id cannot have been given away yet: ids are handed out in turn.
func (p *process) sweep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reaped = true
	_ = unix.Kill(-p.cmd.Process.Pid, unix.SIGKILL) // mostly nobody is left
}

// signal sends sig to the whole group; a process that has ended gets nothing.
func (p *process) signal(sig unix.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		_ = unix.Kill(-p.cmd.Process.Pid, sig) // fails only when the group is ending
	}
}

// status is valid once the process has ended: "exit status 1", "signal: killed".
func (p *process) status() string { return p.cmd.ProcessState.String() }

func (p *process) success() bool { return p.cmd.ProcessState.Success() }

func (e *Environment) signal(sig unix.Signal) {
	for _, p := range e.running() {
		p.signal(sig)
	}
}

func (e *Environment) running() []*process {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]*process(nil), e.processes...)
}

// Freeze stops all processes until the next Invoke or Shutdown.
func (e *Environment) Freeze() { e.signal(unix.SIGSTOP) }

func (e *Environment) thaw() { e.signal(unix.SIGCONT) }
