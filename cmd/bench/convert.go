package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
)

const (
	largeIterations = 4_166  // 25,000 events, the most a history holds
	pageIterations  = 166    // 1,000 events, one page
	smallExecutions = 10_000 // of 17 events each
	convertRounds   = 9
	convertedARN    = "arn:aws:states:eu-west-1:123456789012:execution:bench:1"
)

// convertFigures compares what an event costs us with what plain decoding by the AWS SDK of the same bytes costs, on
// one core, and in the largest history with that in a single page: 1 is linear.
func convertFigures(ctx context.Context) ([]figure, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	large, err := mapHistory(largeIterations)
	if err != nil {
		return nil, err
	}
	page, err := mapHistory(pageIterations)
	if err != nil {
		return nil, err
	}
	small, err := smallHistory()
	if err != nil {
		return nil, err
	}
	largeCost, err := measureHistory(ctx, large, 1)
	if err != nil {
		return nil, err
	}
	pageCost, err := measureHistory(ctx, page, large.events/page.events)
	if err != nil {
		return nil, err
	}
	smallCost, err := measureHistory(ctx, small, smallExecutions)
	if err != nil {
		return nil, err
	}
	return []figure{
		{"agent.convert_25k_history", largeCost.convert, pageCost.convert, "ns/event"},
		{"agent.convert_25k_beside_sdk", largeCost.convert, largeCost.sdk, "ns/event"},
		{"agent.decode_25k_history", largeCost.decode, largeCost.sdk, "ns/event"},
		{"agent.events_per_core_25k", largeCost.perSecond(), 1e9 / largeCost.sdk, "events/s"},
		{"agent.events_per_core_small", smallCost.perSecond(), 1e9 / smallCost.sdk, "events/s"},
		{"agent.allocations_25k", largeCost.allocations, largeCost.sdkAllocations, "allocs/event"},
		{"agent.allocations_small", smallCost.allocations, smallCost.sdkAllocations, "allocs/event"},
	}, nil
}

// cost is what one event costs: nanoseconds to convert, to decode, and to decode with the SDK.
type cost struct {
	convert, decode, sdk        float64
	allocations, sdkAllocations float64 // of both our steps, and of the SDK
}

func (c cost) perSecond() float64 { return 1e9 / (c.convert + c.decode) }

// measureHistory takes the medians of several rounds, each of the given number of the same history.
func measureHistory(ctx context.Context, h recorded, times int) (cost, error) {
	client := sdkReading(h)
	pagesOfEvents := make([][]history.Event, len(h.pages))
	decode := func() error {
		for i, body := range h.pages {
			var err error
			if pagesOfEvents[i], err = history.Decode("benchmark", body); err != nil {
				return err
			}
		}
		return nil
	}
	convertAll := func() error {
		c := convert.New(convert.Execution{ARN: convertedARN}, nil)
		for _, events := range pagesOfEvents {
			c.Feed(events...)
		}
		if c.Last() != int64(h.events) {
			return fmt.Errorf("%d of %d events converted", c.Last(), h.events)
		}
		return nil
	}
	sdk := func() error {
		for range h.pages {
			out, err := client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String(convertedARN)})
			if err != nil || len(out.Events) == 0 {
				return fmt.Errorf("decode with the SDK: %d events: %w", len(out.Events), err)
			}
		}
		return nil
	}
	var costs [3][]float64
	var allocations [3]float64
	for range convertRounds {
		for i, step := range []func() error{decode, convertAll, sdk} {
			each, allocated, err := perEvent(step, h.events, times)
			if err != nil {
				return cost{}, err
			}
			costs[i], allocations[i] = append(costs[i], each), allocated
		}
	}
	return cost{
		decode: median(costs[0]), convert: median(costs[1]), sdk: median(costs[2]),
		allocations: allocations[0] + allocations[1], sdkAllocations: allocations[2],
	}, nil
}

// perEvent runs the step and returns the nanoseconds and allocations of one event.
func perEvent(step func() error, events, times int) (nanoseconds, allocations float64, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	for range times {
		if err := step(); err != nil {
			return 0, 0, err
		}
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	n := float64(events * times)
	return float64(took.Nanoseconds()) / n, float64(after.Mallocs-before.Mallocs) / n, nil
}

// sdkReading is a client of the AWS SDK that gets the history's pages, one after another and over again.
func sdkReading(h recorded) *sfn.Client {
	return sfn.New(sfn.Options{
		Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: &canned{pages: h.pages},
	})
}

// canned answers every request with the next page.
type canned struct {
	pages [][]byte
	next  int
}

func (c *canned) Do(*http.Request) (*http.Response, error) {
	body := c.pages[c.next%len(c.pages)]
	c.next++
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}
