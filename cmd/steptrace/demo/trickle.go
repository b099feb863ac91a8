package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/steptrace/steptrace/image-workflow/samples"
)

// Trickle uploads one sample after the other, under a new name each, until ctx ends, so that there is always something
// to look at. Some are no images, and their executions fail.
func (d *Demo) Trickle(ctx context.Context, all []samples.Sample, every time.Duration) error {
	ticker := d.Clock.NewTicker(every, "trickle")
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		next := all[n%len(all)]
		next.Name = fmt.Sprintf("%06d-%s", n+1, next.Name)
		if err := d.Upload(ctx, []samples.Sample{next}); err != nil && ctx.Err() == nil {
			return err
		}
	}
}
