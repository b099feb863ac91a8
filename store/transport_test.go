package store_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

// connections counts the open connections of a server.
type connections struct {
	sync.Mutex
	open map[net.Conn]bool
}

func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.Lock()
	defer c.Unlock()
	if c.open[conn] = true; state == http.StateClosed {
		delete(c.open, conn)
	}
}

func (c *connections) count() int {
	c.Lock()
	defer c.Unlock()
	return len(c.open)
}

// A wrong password, asked with for days, must not leave a connection behind for each question.
func TestRefusedQuestionsLeaveNoConnectionBehind(t *testing.T) {
	counted := &connections{open: map[net.Conn]bool{}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-ClickHouse-Exception-Code", "516")
		http.Error(w, "Code: 516. DB::Exception: reader: Authentication failed. (AUTHENTICATION_FAILED)", http.StatusForbidden)
	}))
	server.Config.ConnState = counted.note
	server.Start()
	defer server.Close()
	opts, err := store.ParseDSN(server.URL + "/default")
	require.NoError(t, err)
	db, err := store.OpenWith(opts)
	require.NoError(t, err)
	for range 30 {
		_, err := db.Executions(t.Context(), store.ExecutionFilter{})
		require.ErrorContains(t, err, "refuses the user")
	}
	require.LessOrEqual(t, counted.count(), 2)
	require.NoError(t, db.Close())
	require.Eventually(t, func() bool { return counted.count() == 0 }, 10*time.Second, time.Millisecond)
}
