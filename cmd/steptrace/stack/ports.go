package stack

import (
	"context"
	"fmt"
	"net"
)

// FreeListen picks free loopback ports. They are released before they are used again, so another process may take one
// in between: the part that finds its port busy then says so.
func FreeListen(ctx context.Context) (Listen, error) {
	var l Listen
	for _, address := range []*string{&l.Store, &l.Sandbox, &l.OTLPHTTP, &l.OTLPGRPC, &l.Health} {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return Listen{}, fmt.Errorf("find a free loopback port: %w", err)
		}
		defer listener.Close()
		*address = listener.Addr().String()
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
