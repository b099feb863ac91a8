package wrapper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
)

// chaosEvent tells the function chaos what to do.
type chaosEvent struct {
	Spans  int           `json:"spans"`  // to end, one after the other
	Think  time.Duration `json:"think"`  // before that
	Ending string        `json:"ending"` // what comes then
}

func chaos(ctx context.Context, event chaosEvent) (string, error) {
	time.Sleep(event.Think)
	for n := range event.Spans {
		_, span := otel.Tracer("chaos").Start(ctx, fmt.Sprintf("span-%d", n))
		span.End()
	}
	switch event.Ending {
	case "error":
		return "", errors.New("no")
	case "panic":
		panic("out of pixels")
	case "exit":
		os.Exit(1)
	case "timeout":
		select {}
	}
	return "done", nil
}

const (
	chaosInvocations = 1000
	chaosDeadline    = 600 * time.Millisecond // of those that time out; spans leave 150 ms before
)

// chaosRun is one environment over its processes.
type chaosRun struct {
	t         *testing.T
	dir       string
	collector *collector
	env       *lambdaEnv
	started   int // invocations
	processes int
	want      map[string]int // invocation → spans of its own
	killed    map[string]bool
}

func (r *chaosRun) start() {
	r.env = startIn(r.t, r.dir, "chaos", r.collector)
	r.env.invocations = r.started
	r.processes++
}

// invoke thaws the environment, has it do what the event says, and freezes it again.
func (r *chaosRun) invoke(event chaosEvent) {
	payload, err := json.Marshal(event)
	require.NoError(r.t, err)
	r.started++
	id := fmt.Sprintf("request-%d", r.started)
	r.want[id] = event.Spans
	timeout := time.Minute
	if event.Ending == "timeout" {
		timeout = chaosDeadline
	}
	r.signal(syscall.SIGCONT)
	r.env.begin(r.t, string(payload), timeout)
	switch event.Ending {
	case "exit":
		r.next(id)
	case "panic":
		receive(r.t, r.env.answers, "the panic")
		r.next(id)
	case "timeout":
		time.Sleep(timeout) // Lambda's clock, not the function's
		require.NoError(r.t, r.env.process.Process.Kill())
		r.next(id)
	default:
		receive(r.t, r.env.answers, "an answer")
		r.env.idle(r.t)
		r.signal(syscall.SIGSTOP)
	}
}

// next starts another process, as Lambda does when one has ended.
func (r *chaosRun) next(killed string) {
	receive(r.t, r.env.exited, "the process to end")
	r.killed[killed] = true
	r.start()
}

func (r *chaosRun) signal(s syscall.Signal) { require.NoError(r.t, r.env.process.Process.Signal(s)) }

// TestEverySpanArrivesExactlyOnce is a thousand invocations with random think time, freezes, errors, panics, exits,
// timeouts and outages of the collector.
func TestEverySpanArrivesExactlyOnce(t *testing.T) {
	c := newCollector(t, &journal{})
	c.open()
	r := &chaosRun{t: t, dir: t.TempDir(), collector: c, want: map[string]int{}, killed: map[string]bool{}}
	r.start()
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // the same run each time
	for n := range chaosInvocations {
		switch n {
		case 200, 600:
			c.memory.refuse(errAway)
		case 250, 650:
			c.memory.refuse(nil)
		}
		r.invoke(chaosEvent{
			Spans: random.IntN(4), Think: time.Duration(random.IntN(1000)) * time.Microsecond, Ending: chaosEnding(random),
		})
		if random.IntN(50) == 0 {
			time.Sleep(5 * time.Millisecond) // frozen
		}
	}
	require.Eventually(t, func() bool { // outages make the wrapper leave the collector alone for a while
		r.invoke(chaosEvent{})
		return r.missing() == 0
	}, patience, 100*time.Millisecond, "spans are missing")
	r.check()
}

// chaosEnding is mostly none; in a hundred there are two errors and one each of what ends the process.
func chaosEnding(random *rand.Rand) string {
	endings := []string{"error", "error", "panic", "exit", "timeout"}
	if n := random.IntN(100); n < len(endings) {
		return endings[n]
	}
	return ""
}

// arrived counts spans by invocation and name.
func (r *chaosRun) arrived() map[string]map[string]int {
	spans := r.collector.memory.received()
	byID, found := map[string]string{}, map[string]map[string]int{}
	for _, s := range spans {
		if id, ok := s.Attributes["faas.invocation_id"].(string); ok {
			byID[s.id] = id
			if found[id] == nil {
				found[id] = map[string]int{}
			}
			found[id]["invocation"]++
		}
	}
	for _, s := range spans {
		if id, ok := byID[s.parent]; ok {
			found[id][s.Name]++
		}
	}
	return found
}

func (r *chaosRun) missing() int {
	found, missing := r.arrived(), 0
	for id, spans := range r.want {
		if len(found[id]) < spans+1 {
			missing++
		}
	}
	return missing
}

// check holds that each span came once. Those of an invocation that was killed may have been on their way when its
// process ended, and come again, under the same ids.
func (r *chaosRun) check() {
	again := 0
	for id, spans := range r.arrived() {
		require.Len(r.t, spans, r.want[id]+1, id)
		for name, times := range spans {
			if r.killed[id] && times == 2 {
				again++
				continue
			}
			require.Equal(r.t, 1, times, "%s of %s", name, id)
		}
	}
	r.t.Logf("%d invocations in %d processes; %d spans of killed invocations came twice", r.started, r.processes, again)
}
