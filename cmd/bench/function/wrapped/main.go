// Command wrapped is the same function as bare, wrapped.
package main

import (
	"github.com/steptrace/steptrace/cmd/bench/function/workload"
	wrapper "github.com/steptrace/steptrace/lambda-wrapper"
)

func main() {
	cfg := workload.LoadConfig()
	wrapper.InstrumentAWS(&cfg)
	workload.MakeClients(cfg)
	wrapper.Start(workload.Handle)
}
