package faults

import (
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// spell is what an ill proxy does with an insert.
type spell int

const (
	well         spell = iota
	late               // the answer comes when the sender has given up
	cutBefore          // the connection breaks in the midst of what is sent
	cutAfter           // it breaks when the rows are stored
	deniesStored       // answers 500 when the rows are stored
	cutAnswer          // the answer breaks off in its midst
	spells
)

// illProxy stands before a store. Each insert gets a spell, by chance, until it is healed.
type illProxy struct {
	*httptest.Server
	store  string
	healed atomic.Bool
	mu     sync.Mutex
	random *rand.Rand
	cast   [spells]int
	ended  chan struct{}
}

func newIllProxy(t *testing.T, store string) *illProxy {
	t.Helper()
	p := &illProxy{store: store, random: rand.New(rand.NewPCG(7, 7)), ended: make(chan struct{})}
	p.Server = httptest.NewServer(p)
	t.Cleanup(func() {
		close(p.ended)
		p.Close()
	})
	return p
}

func (p *illProxy) draw() spell {
	if p.healed.Load() {
		return well
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := spell(p.random.IntN(int(spells)))
	p.cast[s]++
	return s
}

func (p *illProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := well
	if r.URL.Query().Get("decompress") == "1" { // an insert; migrations are left alone
		s = p.draw()
	}
	if s == cutBefore {
		_, _ = io.CopyN(io.Discard, r.Body, 1000)
		hangUp(w)
		return
	}
	status, body, err := p.forward(r)
	switch {
	case err != nil || s == cutAfter:
		hangUp(w)
	case s == deniesStored:
		http.Error(w, "out of order", http.StatusInternalServerError)
	case s == cutAnswer:
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("Code: "))
		hangUp(w)
	case s == late:
		select {
		case <-r.Context().Done():
		case <-p.ended:
		}
	default:
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}

// forward has the store do what is asked, also when who asked has left.
func (p *illProxy) forward(r *http.Request) (status int, body []byte, err error) {
	request, err := http.NewRequest(r.Method, p.store+r.URL.RequestURI(), r.Body)
	if err != nil {
		return 0, nil, err
	}
	request.Header = r.Header.Clone()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	return answer.StatusCode, body, err
}

func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

// Every kind of trouble between collector and store, many times over: all is stored, and counts once.
func TestAnIllConnectionLosesAndDoublesNothing(t *testing.T) {
	const enough = 12 // of each spell
	s := newSystem(t)
	proxy := newIllProxy(t, s.storeURL)
	s.configureExporter(t, object{"endpoint": proxy.URL, "timeout": "1s"})
	s.startStore(t)
	s.awaitStore(t)
	s.startCollector(t)
	sent := newSenders(t, s, 11)
	sent.start(t)
	eventually(t, func() bool {
		proxy.mu.Lock()
		defer proxy.mu.Unlock()
		for _, n := range proxy.cast[1:] {
			if n < enough {
				return false
			}
		}
		return true
	}, "all spells were cast")
	t.Logf("spells: %v", proxy.cast)
	proxy.healed.Store(true)
	requireExactlyOnce(t, s, sent)
	require.True(t, s.collectorProcess.running())
}

// A store that takes connections and answers nobody: inserts end in time, the queue fills, senders are told to come
// again, and memory stays within bounds.
func TestAStoreThatAnswersNobody(t *testing.T) {
	s := newSystem(t)
	stalled := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer stalled.Close()
	s.configureExporter(t, object{
		"endpoint": stalled.URL, "timeout": "300ms", "create_schema": false,
		"sending_queue": object{
			"storage": "file_storage", "queue_size": 3000,
			"batch": object{"min_size": 500, "max_size": 1000, "flush_timeout": "50ms"},
		},
	})
	s.startCollector(t)
	sent := newSenders(t, s, 12)
	sent.start(t)
	eventually(t, func() bool { return s.collectorProcess.said.has("context deadline exceeded") }, "inserts end in time")
	eventually(t, func() bool { return sent.backpressure() > 20 }, "senders are told to come again")

	s.startStore(t)
	s.awaitStore(t)
	s.collectorProcess.kill()
	s.configureExporter(t, nil)
	s.startCollector(t)
	requireExactlyOnce(t, s, sent)
}
