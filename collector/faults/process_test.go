package faults

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/collector/loopback"
)

// patience is how long anything may take that takes a second on an idle machine.
const patience = 2 * time.Minute

// process is one run of the program.
type process struct {
	cmd    *exec.Cmd
	said   *output
	exited chan struct{}
}

// start runs the program until the test ends, or it does.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return run(t, exec.Command(program, args...))
}

func run(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, said: new(output), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait() // its state is read where it matters
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the last that %s said:\n%s", cmd.Args, p.said.tail())
		}
	})
	return p
}

// kill is kill -9: nothing is flushed or closed.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.exited
}

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// output keeps the last of what a process says.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const keptOutput = 1 << 20

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.text.Len()+len(p) > keptOutput {
		o.text.Next(o.text.Len() / 2)
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) has(text string) bool { return strings.Contains(o.String(), text) }

func (o *output) tail() string {
	text := o.String()
	return text[max(0, len(text)-1500):]
}

func eventually(t *testing.T, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, patience, 20*time.Millisecond, what)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := loopback.FreeAddress(t.Context())
	require.NoError(t, err)
	return address
}
