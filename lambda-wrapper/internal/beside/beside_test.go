package beside

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestWhatIsAskedForMeanwhileIsDoneOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var task Task
		gate, done := make(chan struct{}), 0
		do := func() {
			<-gate
			done++
		}
		for range 5 {
			task.Go(do)
		}
		close(gate)
		synctest.Wait()
		require.Equal(t, 2, done)
		task.Go(do)
		synctest.Wait()
		require.Equal(t, 3, done)
	})
}
