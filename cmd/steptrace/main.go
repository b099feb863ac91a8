// Steptrace traces AWS Step Functions executions end to end.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/steptrace/steptrace/cmd/steptrace/render"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "steptrace:", render.Printable(err.Error()))
		os.Exit(exitStatus(err))
	}
}
