package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/steptrace/steptrace/sandbox"
)

const (
	coldStarts      = 15
	warmInvocations = 300
	billed          = 60
	rest            = 10 * time.Millisecond // beyond the sink's delay: each call finds its environment at rest
	megabyte        = 1e6
	microseconds    = 1e3 // in a millisecond
)

// delays are those of the network between the function and the sink. At the second everything is measured.
var delays = []time.Duration{0, 5 * time.Millisecond, 50 * time.Millisecond}

const headline = 5 * time.Millisecond

// variants are the same function traced in several ways: the program, and how its spans are flushed.
var variants = []struct{ name, program, flush string }{
	{"bare", "bare", ""},
	{"end", "wrapped", "end"},
	{"periodic", "wrapped", "periodic"},
	{"sync", "wrapped", "sync"},
	{"usual", "usual", ""},
}

// wrapperFigures compares what tracing adds to a Lambda function: by the wrapper, with each flush policy, and by the
// usual recipe (OpenTelemetry's wrapper, a batch processor and otlptracehttp). All run as real processes under the
// sandbox's Runtime and Extensions API and send to a sink that takes its time.
func wrapperFigures(ctx context.Context) (_ []figure, err error) {
	box, err := sandbox.Start(ctx, sandbox.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, box.Close(context.WithoutCancel(ctx))) }()
	programs := make(map[string]program)
	for _, name := range []string{"bare", "wrapped", "usual"} {
		if programs[name], err = build(ctx, "./cmd/bench/function/"+name); err != nil {
			return nil, err
		}
	}
	figures := []figure{{
		"wrapper.added_binary_size", (programs["wrapped"].size - programs["bare"].size) / megabyte,
		(programs["usual"].size - programs["bare"].size) / megabyte, "MB",
	}}
	allocated, err := allocationFigure(ctx)
	if err != nil {
		return nil, err
	}
	figures = append(figures, allocated)
	for _, delay := range delays {
		added, err := addedAt(ctx, box.URL(), delay, programs)
		if err != nil {
			return nil, err
		}
		figures = append(figures, added...)
	}
	return figures, nil
}

// addedAt measures with a sink that answers after the delay.
func addedAt(
	ctx context.Context, endpoint string, delay time.Duration, programs map[string]program,
) ([]figure, error) {
	sink := newSink(delay)
	defer sink.Close()
	client := lambda.New(lambda.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("sandbox", "sandbox", ""),
	})
	functions := make(map[string]*function)
	for _, v := range variants {
		environment := map[string]string{}
		if v.program != "bare" {
			environment["OTEL_EXPORTER_OTLP_ENDPOINT"], environment["STEPTRACE_FLUSH"] = sink.URL, v.flush
		}
		f, err := create(ctx, client, fmt.Sprintf("%s-%d", v.name, delay.Milliseconds()), programs[v.program], environment)
		if err != nil {
			return nil, err
		}
		functions[v.name] = f
	}
	if err := measure(ctx, functions, delay); err != nil {
		return nil, err
	}
	return added(functions, delay), nil
}

func newSink(delay time.Duration) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a broken upload shows in the function's log, not here
		time.Sleep(delay)
	}))
}

// measure takes turns, so that what else the machine does strikes all.
func measure(ctx context.Context, functions map[string]*function, delay time.Duration) error {
	turns := func(rounds int, do func(f *function, round int) error) error {
		for round := range rounds {
			for _, v := range variants {
				time.Sleep(delay + rest)
				if err := do(functions[v.name], round); err != nil {
					return err
				}
			}
		}
		return nil
	}
	cold := 1
	if delay == headline {
		cold = coldStarts
	}
	return errors.Join(
		turns(cold, func(f *function, round int) error { return f.coldStart(ctx, round) }),
		turns(warmInvocations, func(f *function, _ int) error { return f.respond(ctx) }),
		turns(billed, func(f *function, _ int) error { return f.bill(ctx) }))
}

// added are the figures beyond the bare function's.
func added(functions map[string]*function, delay time.Duration) []figure {
	bare, usual := functions["bare"], functions["usual"]
	response := func(f *function, q float64) float64 {
		return (quantile(f.responses, q) - quantile(bare.responses, q)) * microseconds
	}
	if delay != headline {
		name := fmt.Sprintf("wrapper.added_p50_%dms", delay.Milliseconds())
		return []figure{{name, response(functions["end"], 0.5), response(usual, 0.5), "µs"}}
	}
	var figures []figure
	for _, v := range variants {
		if v.program != "wrapped" {
			continue
		}
		f, suffix := functions[v.name], "_"+v.name
		if v.name == "end" { // the default
			suffix = ""
		}
		figures = append(figures,
			figure{"wrapper.added_p50" + suffix, response(f, 0.5), response(usual, 0.5), "µs"},
			figure{"wrapper.added_p99" + suffix, response(f, 0.99), response(usual, 0.99), "µs"},
			figure{
				"wrapper.added_back_to_back_p50" + suffix, (median(f.followers) - median(bare.followers)) * microseconds,
				(median(usual.followers) - median(bare.followers)) * microseconds, "µs",
			},
			figure{
				"wrapper.added_billed" + suffix, median(f.durations) - median(bare.durations),
				median(usual.durations) - median(bare.durations), "ms",
			})
	}
	return append(figures, figure{
		"wrapper.added_init", median(functions["end"].inits) - median(bare.inits),
		median(usual.inits) - median(bare.inits), "ms",
	})
}
