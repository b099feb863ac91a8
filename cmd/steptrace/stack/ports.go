package stack

import (
	"context"

	"github.com/steptrace/steptrace/collector/loopback"
)

// FreeListen picks free loopback ports.
func FreeListen(ctx context.Context) (Listen, error) {
	var l Listen
	for _, address := range []*string{&l.Store, &l.Sandbox, &l.OTLPHTTP, &l.OTLPGRPC, &l.Health} {
		var err error
		if *address, err = loopback.FreeAddress(ctx); err != nil {
			return Listen{}, err
		}
	}
	return l, nil
}

// DefaultListen is where `steptrace up` listens.
func DefaultListen() Listen {
	return Listen{
		Store: "127.0.0.1:8123", Sandbox: "127.0.0.1:4566",
		OTLPHTTP: "127.0.0.1:4318", OTLPGRPC: "127.0.0.1:4317", Health: "127.0.0.1:13133",
	}
}
