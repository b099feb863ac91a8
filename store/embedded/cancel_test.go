package embedded_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// endless runs until it is killed.
const endless = "SELECT sum(sipHash64(number)) FROM system.numbers"

// awaitQueries waits until n statements that hold a text run.
func awaitQueries(t *testing.T, c *client, text string, n int) {
	t.Helper()
	count := fmt.Sprintf("SELECT count() FROM system.processes WHERE position(query, '%s') > 0 "+
		"AND position(query, 'system.processes') = 0", strings.ReplaceAll(text, "'", `\'`))
	require.Eventually(t, func() bool { return c.must(count) == fmt.Sprint(n) }, 10*time.Second, 10*time.Millisecond)
}

func TestStatementEndsWithItsClient(t *testing.T) {
	for name, query := range map[string]string{
		"before the first row": endless,
		"between rows":         "SELECT number, repeat('x', 1000) FROM system.numbers",
		"as a whole":           endless + " FORMAT JSON",
		"insert select":        "INSERT INTO FUNCTION null('a UInt64') SELECT sipHash64(number) FROM system.numbers",
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			ctx, cancel := context.WithCancel(t.Context())
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader(query))
			require.NoError(t, err)
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				if response, err := http.DefaultClient.Do(request); err == nil {
					<-ctx.Done()
					response.Body.Close()
				}
			}()
			awaitQueries(t, c, query, 1)
			cancel()
			<-gone
			awaitQueries(t, c, query, 0)
		})
	}
}

func TestFailedStreamLeavesNoQueryBehind(t *testing.T) {
	c := newClient(t)
	c.post("SELECT throwIf(number = 300000) FROM numbers(1000000)")
	awaitQueries(t, c, "throwIf", 0)
}

func TestTimeLimit(t *testing.T) {
	c := newClient(t)
	require.Equal(t, "159", c.with("max_execution_time", "1").post(endless).code())
}
