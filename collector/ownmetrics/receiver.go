package ownmetrics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"
)

// Type is the component type in Collector configurations.
var Type = component.MustNewType("own_metrics")

// ReceiverConfig is the receiver's section of a Collector configuration.
type ReceiverConfig struct {
	// Interval is the time between two readings.
	Interval time.Duration `mapstructure:"collection_interval"`
}

const (
	defaultInterval  = 15 * time.Second
	shortestInterval = time.Second
	// lastReading is how long the reading at the end may take, so that a full pipeline does not hold up the shutdown.
	lastReading = time.Second
)

// Validate reports an interval that would make more of the metrics than of what they tell.
func (c *ReceiverConfig) Validate() error {
	if c.Interval < shortestInterval {
		return fmt.Errorf("collection_interval: must be %s at least, not %s", shortestInterval, c.Interval)
	}
	return nil
}

// Receiver makes the factory of the component type "own_metrics".
func (s *Source) Receiver() receiver.Factory {
	return receiver.NewFactory(Type,
		func() component.Config { return &ReceiverConfig{Interval: defaultInterval} },
		receiver.WithMetrics(func(
			ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics,
		) (receiver.Metrics, error) {
			return newReader(ctx, s, set.Logger, cfg.(*ReceiverConfig).Interval, quartz.NewReal(), next)
		}, component.StabilityLevelDevelopment))
}

// reader has a pipeline receive the metrics again and again.
type reader struct {
	source   *Source
	logger   *zap.Logger
	interval time.Duration
	clock    quartz.Clock
	exporter sdkmetric.Exporter

	manual  *sdkmetric.ManualReader
	failing bool
	stop    context.CancelFunc
	stopped chan struct{}
}

func newReader(
	ctx context.Context, s *Source, logger *zap.Logger, interval time.Duration, clock quartz.Clock, next consumer.Metrics,
) (*reader, error) {
	exporter, err := newExporter(ctx, next)
	if err != nil {
		return nil, err
	}
	return &reader{source: s, logger: logger, interval: interval, clock: clock, exporter: exporter}, nil
}

// Start begins to read.
func (r *reader) Start(ctx context.Context, _ component.Host) error {
	if r.manual = r.source.current(); r.manual == nil {
		return errors.New("there are no metrics to read: set service::telemetry::metrics::level to normal, " +
			"or take the receiver out of the pipelines")
	}
	ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.stopped = make(chan struct{})
	ticker := r.clock.NewTicker(r.interval, "own_metrics")
	go func() {
		defer close(r.stopped)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				r.read(ctx)
			}
		}
	}()
	return nil
}

// Shutdown reads once more, so that what happened last, and in short runs all of it, is told.
func (r *reader) Shutdown(ctx context.Context) error {
	if r.stop == nil {
		return nil
	}
	r.stop()
	<-r.stopped
	r.stop = nil
	ctx, cancel := context.WithTimeout(ctx, lastReading)
	defer cancel()
	r.read(ctx)
	return nil
}

// read hands over one reading. One that the pipeline does not take is not kept: sums count from the start, so the next
// has all of it, and what is missed of gauges is one point.
func (r *reader) read(ctx context.Context) {
	var metrics metricdata.ResourceMetrics
	err := r.manual.Collect(ctx, &metrics)
	if err == nil {
		err = r.exporter.Export(ctx, &metrics)
	}
	switch {
	case err != nil && !r.failing:
		r.logger.Warn("the pipeline does not take the Collector's own metrics, readings are left out", zap.Error(err))
	case err == nil && r.failing:
		r.logger.Info("the pipeline takes the Collector's own metrics again")
	}
	r.failing = err != nil
}
